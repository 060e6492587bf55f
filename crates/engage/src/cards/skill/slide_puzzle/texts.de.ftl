slide-puzzle-title = Schiebepuzzle
slide-puzzle-how = Schiebe die Teile um die Lücke, bis das Bild stimmt und die Lücke in der letzten Ecke ist.
slide-puzzle-stand = Setze das Bild zusammen
slide-puzzle-piece = Teil { $number }
slide-puzzle-gap = Lücke
slide-puzzle-stuck = Dieses Teil kann sich nicht bewegen. Wähle eines neben der Lücke.
slide-puzzle-control-side = Teile auf jeder Seite
slide-puzzle-control-image = Bild; ohne Bild haben die Teile Zahlen
