word-guess-title = Wort erraten
word-guess-how = Finde das versteckte Wort mit fünf Buchstaben. Nach jedem Versuch siehst du, welche Buchstaben vorkommen und welche am richtigen Platz sind.
word-guess-stand = { $number ->
    [one] Noch ein Versuch
   *[other] Noch { $number } Versuche
 }
word-guess-guesses = Deine Versuche
word-guess-label = Dein Versuch, fünf Buchstaben
word-guess-send = Raten
word-guess-right = { $letter }: am richtigen Platz.
word-guess-elsewhere = { $letter }: an einem anderen Platz.
word-guess-absent = { $letter }: nicht im Wort.
word-guess-five = Ein Versuch hat fünf Buchstaben. Gib ein Wort mit fünf Buchstaben ein.
word-guess-again = Dieses Wort hast du schon geraten. Versuche ein anderes.
word-guess-was = Das Wort war { $word }.
word-guess-control-words = Wörter mit fünf Buchstaben
