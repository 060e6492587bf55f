secret-code-title = Code secret
secret-code-try = Essayer ce code
secret-code-hint = Les majuscules et les espaces n’ont pas d’importance.
secret-code-nothing-typed = Saisissez d’abord le code, puis envoyez-le.
secret-code-too-soon = C’était rapide. Patientez un instant, puis réessayez.
secret-code-wrong = Ce n’est pas l’un de nos codes. Vérifiez-le lettre par lettre.
secret-code-left = { $number ->
    [one] Il vous reste un essai.
   *[other] Il vous reste { $number } essais.
 }
secret-code-fact-code = Code
secret-code-fact-tries = Essais
secret-code-control-prompt = Texte au-dessus du champ
secret-code-control-codes = Codes
secret-code-control-code = Le code tel qu’il est imprimé
secret-code-control-key = Clé du code
secret-code-control-prize = Clé du lot qu’il fait gagner
secret-code-control-code-title = Titre lorsqu’il ne fait rien gagner
secret-code-control-code-text = Texte lorsqu’il ne fait rien gagner
secret-code-control-tries = Nombre de codes qu’une personne peut essayer
