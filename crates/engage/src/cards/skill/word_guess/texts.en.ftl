word-guess-title = Word to guess
word-guess-how = Find the hidden word of five letters. After each guess you see which letters it has, and which are in the right place.
word-guess-stand = { $number ->
    [one] One guess left
   *[other] { $number } guesses left
 }
word-guess-guesses = Your guesses
word-guess-label = Your guess, five letters
word-guess-send = Guess
word-guess-right = { $letter }: in the right place.
word-guess-elsewhere = { $letter }: in another place.
word-guess-absent = { $letter }: not in the word.
word-guess-five = A guess has five letters. Type in a word of five letters.
word-guess-again = You have guessed this word before. Try another one.
word-guess-was = The word was { $word }.
word-guess-control-words = Words of five letters
