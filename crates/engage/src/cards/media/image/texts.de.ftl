image-title = Bild
image-elsewhere = (öffnet sich in einem neuen Tab)
image-control-image = Bild
image-control-caption = Bildunterschrift
image-control-link = Wohin der Knopf führt
image-control-link-label = Was auf dem Knopf steht
