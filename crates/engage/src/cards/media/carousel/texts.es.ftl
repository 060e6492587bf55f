carousel-title = Carrusel
carousel-row = Imágenes, desliza hacia los lados
carousel-place = { $place } de { $total }
carousel-previous = Anterior
carousel-next = Siguiente
carousel-control-pictures = Imágenes
carousel-control-image = Imagen
carousel-control-caption = Pie de imagen
