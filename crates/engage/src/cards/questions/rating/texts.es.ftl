rating-title = Valoración
rating-send = Enviar
rating-thanks = Gracias por tu valoración
rating-stars = { $number } de { $total } estrellas
rating-face-1 = Muy mal
rating-face-2 = Mal
rating-face-3 = Regular
rating-face-4 = Bien
rating-face-5 = Muy bien
rating-decimal = { $whole },{ $rest }
rating-everybody = Todo el mundo: { $average } de { $total } de media, con { $count ->
    [one] 1 valoración
   *[other] { $count } valoraciones
  }
rating-missing = Falta una valoración. Elige una y vuelve a enviar.
rating-nothing = Valora al menos una cosa y vuelve a enviar.
rating-fact-average = Valoración media
rating-control-question = Texto de arriba
rating-control-items = Qué se valora
rating-control-item = Qué es
rating-control-style = Aspecto
rating-control-style-stars = Estrellas
rating-control-style-faces = Caras
rating-control-stars = Cuántas estrellas
rating-control-skip = Se pueden dejar cosas sin valorar
