rating-title = Évaluation
rating-send = Envoyer
rating-thanks = Merci pour votre évaluation
rating-stars = { $number } étoiles sur { $total }
rating-face-1 = Très mauvais
rating-face-2 = Mauvais
rating-face-3 = Correct
rating-face-4 = Bien
rating-face-5 = Très bien
rating-decimal = { $whole },{ $rest }
rating-everybody = Tout le monde : { $average } sur { $total } en moyenne, d’après { $count ->
    [one] 1 évaluation
   *[other] { $count } évaluations
  }
rating-missing = Il manque une note ici. Choisissez-en une, puis envoyez.
rating-nothing = Notez au moins un élément, puis envoyez.
rating-fact-average = Note moyenne
rating-control-question = Texte au-dessus
rating-control-items = Ce qui est évalué
rating-control-item = De quoi il s’agit
rating-control-style = Apparence
rating-control-style-stars = Étoiles
rating-control-style-faces = Visages
rating-control-stars = Nombre d’étoiles
rating-control-skip = On peut en laisser de côté
