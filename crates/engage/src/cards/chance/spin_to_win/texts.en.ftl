spin-to-win-title = Spin to win
spin-to-win-spin = Spin the wheel
spin-to-win-slices = On the wheel
spin-to-win-control-blanks = Slices that win nothing
spin-to-win-control-blank = Words on the slice
