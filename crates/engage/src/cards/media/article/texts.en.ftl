article-title = Article
article-reading-time = { $number ->
    [one] One minute to read
   *[other] { $number } minutes to read
}
article-control-parts = Parts
article-control-text = Text
article-control-image = Picture below it
article-control-caption = Caption
