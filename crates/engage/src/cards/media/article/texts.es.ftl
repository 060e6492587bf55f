article-title = Artículo
article-reading-time = { $number ->
    [one] Un minuto de lectura
   *[other] { $number } minutos de lectura
}
article-control-parts = Partes
article-control-text = Texto
article-control-image = Imagen debajo
article-control-caption = Pie de imagen
