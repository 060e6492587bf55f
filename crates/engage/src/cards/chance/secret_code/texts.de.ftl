secret-code-title = Geheimer Code
secret-code-try = Code ausprobieren
secret-code-hint = Großbuchstaben und Leerzeichen spielen keine Rolle.
secret-code-nothing-typed = Gib erst den Code ein und sende ihn dann.
secret-code-too-soon = Das ging schnell. Warte einen Moment und versuche es noch einmal.
secret-code-wrong = Das ist keiner unserer Codes. Schau ihn dir noch einmal an, Buchstabe für Buchstabe.
secret-code-left = { $number ->
    [one] Du hast noch einen Versuch.
   *[other] Du hast noch { $number } Versuche.
 }
secret-code-fact-code = Code
secret-code-fact-tries = Versuche
secret-code-control-prompt = Worte über dem Eingabefeld
secret-code-control-codes = Codes
secret-code-control-code = Der Code, wie er gedruckt ist
secret-code-control-key = Schlüssel des Codes
secret-code-control-prize = Schlüssel des Gewinns, zu dem er führt
secret-code-control-code-title = Überschrift, wenn er keinen Gewinn bringt
secret-code-control-code-text = Text, wenn er keinen Gewinn bringt
secret-code-control-tries = Wie viele Codes eine Person ausprobieren darf
