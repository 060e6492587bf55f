carousel-title = Carrousel
carousel-row = Images, défilement horizontal
carousel-place = { $place } sur { $total }
carousel-previous = Précédent
carousel-next = Suivant
carousel-control-pictures = Images
carousel-control-image = Image
carousel-control-caption = Légende
