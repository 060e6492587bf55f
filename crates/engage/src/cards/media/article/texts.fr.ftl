article-title = Article
article-reading-time = { $number ->
    [one] { $number } minute de lecture
   *[other] { $number } minutes de lecture
}
article-control-parts = Parties
article-control-text = Texte
article-control-image = Image en dessous
article-control-caption = Légende
