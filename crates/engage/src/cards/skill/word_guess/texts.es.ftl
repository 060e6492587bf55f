word-guess-title = Adivina la palabra
word-guess-how = Encuentra la palabra oculta de cinco letras. Después de cada intento verás qué letras tiene y cuáles están en su sitio.
word-guess-stand = { $number ->
    [one] Queda un intento
   *[other] Quedan { $number } intentos
 }
word-guess-guesses = Tus intentos
word-guess-label = Tu intento, cinco letras
word-guess-send = Probar
word-guess-right = { $letter }: en su sitio.
word-guess-elsewhere = { $letter }: en otro sitio.
word-guess-absent = { $letter }: no está en la palabra.
word-guess-five = Un intento tiene cinco letras. Escribe una palabra de cinco letras.
word-guess-again = Ya has probado esta palabra. Prueba con otra.
word-guess-was = La palabra era { $word }.
word-guess-control-words = Palabras de cinco letras
