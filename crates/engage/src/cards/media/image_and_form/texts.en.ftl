image-and-form-title = Picture and form
image-and-form-control-image = Picture
image-and-form-control-caption = Caption
