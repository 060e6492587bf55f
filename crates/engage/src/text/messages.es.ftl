form-yes = Sí
form-no = No
form-unknown-field = Este formulario no tiene el campo «{ $key }». Quítalo y envía el formulario otra vez.
form-field-twice = «{ $key }» se envió más de una vez. Envíalo una sola vez.
form-consent-shape = El consentimiento «{ $key }» es true o false. Envía uno de esos valores.
form-consent-contradiction = El consentimiento «{ $key }» se envió dos veces con respuestas distintas. Envíalo una sola vez.
form-body-shape = El formulario tiene que ser un objeto con «fields» y «consents». Envíalo con esa forma.
card-nothing-chosen = Elige una respuesta y envíala.
card-unknown-question = Esta pregunta ya no existe. Vuelve a cargar la página.
card-unknown-option = Esta respuesta ya no existe. Vuelve a cargar la página y elige una de las que aparecen.
card-not-played = Aquí no hay nada que jugar. Rellena el formulario.
card-impossible = El juego no ha podido ser así. Vuelve a cargar la página y empieza de nuevo.
card-unsent = Ahora mismo no hay conexión y no se ha enviado nada. Lo que elegiste sigue aquí: inténtalo de nuevo en un momento.
day = { $day } de { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
} de { $year }
moment = { $day }, { $time } UTC
