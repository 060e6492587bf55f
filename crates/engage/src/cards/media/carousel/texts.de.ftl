carousel-title = Bilderreihe
carousel-row = Bilder, seitlich scrollen
carousel-place = { $place } von { $total }
carousel-previous = Zurück
carousel-next = Weiter
carousel-control-pictures = Bilder
carousel-control-image = Bild
carousel-control-caption = Bildunterschrift
