slide-puzzle-title = Puzle deslizante
slide-puzzle-how = Desliza las piezas alrededor del hueco hasta completar la imagen, con el hueco en la última esquina.
slide-puzzle-stand = Completa la imagen
slide-puzzle-piece = Pieza { $number }
slide-puzzle-gap = Hueco
slide-puzzle-stuck = Esta pieza no se puede mover. Elige una que esté junto al hueco.
slide-puzzle-control-side = Piezas por lado
slide-puzzle-control-image = Imagen; sin ella, las piezas llevan números
