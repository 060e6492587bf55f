image-and-form-title = Bild und Formular
image-and-form-control-image = Bild
image-and-form-control-caption = Bildunterschrift
