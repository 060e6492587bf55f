form-yes = Ja
form-no = Nein
form-unknown-field = Dieses Formular hat kein Feld „{ $key }“. Lass es weg und sende das Formular noch einmal.
form-field-twice = „{ $key }“ wurde mehrmals gesendet. Sende es nur einmal.
form-consent-shape = Die Einwilligung „{ $key }“ ist entweder true oder false. Sende einen dieser Werte.
form-consent-contradiction = Die Einwilligung „{ $key }“ wurde zweimal mit verschiedenen Antworten gesendet. Sende sie nur einmal.
form-body-shape = Das Formular muss ein Objekt mit „fields“ und „consents“ sein. Sende es in dieser Form.
card-nothing-chosen = Wähle eine Antwort und sende sie dann.
card-unknown-question = Diese Frage gibt es nicht mehr. Lade die Seite neu.
card-unknown-option = Diese Antwort gibt es nicht mehr. Lade die Seite neu und wähle eine der gezeigten.
card-not-played = Hier gibt es nichts zu spielen. Fülle stattdessen das Formular aus.
card-impossible = So kann das Spiel nicht verlaufen sein. Lade die Seite neu und fang noch einmal an.
card-unsent = Gerade gibt es keine Verbindung, deshalb wurde nichts gesendet. Deine Wahl steht noch hier: Versuch es gleich noch einmal.
day = { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year }
moment = { $day }, { $time } UTC
