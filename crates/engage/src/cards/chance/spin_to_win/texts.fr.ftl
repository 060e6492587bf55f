spin-to-win-title = Roue de la chance
spin-to-win-spin = Tourner la roue
spin-to-win-slices = Sur la roue
spin-to-win-control-blanks = Cases sans lot
spin-to-win-control-blank = Texte de la case
