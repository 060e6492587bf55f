image-and-form-title = Imagen y formulario
image-and-form-control-image = Imagen
image-and-form-control-caption = Pie de imagen
