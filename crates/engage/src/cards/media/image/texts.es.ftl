image-title = Imagen
image-elsewhere = (se abre en otra pestaña)
image-control-image = Imagen
image-control-caption = Pie de imagen
image-control-link = Adónde lleva el botón
image-control-link-label = Texto del botón
