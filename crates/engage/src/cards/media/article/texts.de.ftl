article-title = Artikel
article-reading-time = { $number ->
    [one] Eine Minute Lesezeit
   *[other] { $number } Minuten Lesezeit
}
article-control-parts = Abschnitte
article-control-text = Text
article-control-image = Bild darunter
article-control-caption = Bildunterschrift
