rating-title = Bewertung
rating-send = Abschicken
rating-thanks = Danke für deine Bewertung
rating-stars = { $number } von { $total } Sternen
rating-face-1 = Sehr schlecht
rating-face-2 = Schlecht
rating-face-3 = Geht so
rating-face-4 = Gut
rating-face-5 = Sehr gut
rating-decimal = { $whole },{ $rest }
rating-everybody = Alle: im Schnitt { $average } von { $total }, aus { $count ->
    [one] 1 Bewertung
   *[other] { $count } Bewertungen
  }
rating-missing = Hier fehlt eine Bewertung. Wähle eine und schick sie dann ab.
rating-nothing = Bewerte mindestens eines und schick es dann ab.
rating-fact-average = Durchschnitt der Bewertungen
rating-control-question = Was darüber steht
rating-control-items = Was bewertet wird
rating-control-item = Was es ist
rating-control-style = Aussehen
rating-control-style-stars = Sterne
rating-control-style-faces = Gesichter
rating-control-stars = Wie viele Sterne
rating-control-skip = Einzelnes darf ausgelassen werden
