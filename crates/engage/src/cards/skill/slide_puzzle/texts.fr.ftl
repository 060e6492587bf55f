slide-puzzle-title = Taquin
slide-puzzle-how = Faites glisser les pièces autour de la case vide jusqu’à reconstituer l’image, la case vide dans le dernier coin.
slide-puzzle-stand = Reconstituez l’image
slide-puzzle-piece = Pièce { $number }
slide-puzzle-gap = Case vide
slide-puzzle-stuck = Cette pièce ne peut pas bouger. Choisissez-en une à côté de la case vide.
slide-puzzle-control-side = Pièces par côté
slide-puzzle-control-image = Image ; sans image, les pièces portent des numéros
