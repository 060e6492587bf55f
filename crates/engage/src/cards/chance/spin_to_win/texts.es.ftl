spin-to-win-title = Ruleta de la suerte
spin-to-win-spin = Girar la ruleta
spin-to-win-slices = En la ruleta
spin-to-win-control-blanks = Casillas sin premio
spin-to-win-control-blank = Texto de la casilla
