spin-to-win-title = Glücksrad
spin-to-win-spin = Rad drehen
spin-to-win-slices = Auf dem Rad
spin-to-win-control-blanks = Felder ohne Gewinn
spin-to-win-control-blank = Worte auf dem Feld
