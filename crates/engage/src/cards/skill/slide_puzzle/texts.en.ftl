slide-puzzle-title = Slide puzzle
slide-puzzle-how = Slide the pieces around the gap until the picture is whole, with the gap in the last corner.
slide-puzzle-stand = Put the picture together
slide-puzzle-piece = Piece { $number }
slide-puzzle-gap = Gap
slide-puzzle-stuck = This piece cannot move. Choose one beside the gap.
slide-puzzle-control-side = Pieces on each side
slide-puzzle-control-image = Picture; without one, the pieces have numbers
