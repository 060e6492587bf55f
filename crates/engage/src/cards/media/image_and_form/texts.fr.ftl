image-and-form-title = Image et formulaire
image-and-form-control-image = Image
image-and-form-control-caption = Légende
