word-guess-title = Mot à deviner
word-guess-how = Trouvez le mot caché de cinq lettres. Après chaque essai, vous voyez quelles lettres il contient et lesquelles sont à la bonne place.
word-guess-stand = { $number ->
    [one] Encore un essai
   *[other] Encore { $number } essais
 }
word-guess-guesses = Vos essais
word-guess-label = Votre essai, cinq lettres
word-guess-send = Essayer
word-guess-right = { $letter } : à la bonne place.
word-guess-elsewhere = { $letter } : à une autre place.
word-guess-absent = { $letter } : absent du mot.
word-guess-five = Un essai compte cinq lettres. Saisissez un mot de cinq lettres.
word-guess-again = Vous avez déjà essayé ce mot. Tentez-en un autre.
word-guess-was = Le mot était { $word }.
word-guess-control-words = Mots de cinq lettres
