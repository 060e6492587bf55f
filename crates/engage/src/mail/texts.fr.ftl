mail-greeting = Bonjour { $name },
mail-greeting-unknown = Bonjour,
mail-footer-why = Vous recevez ce message parce que cette adresse a été saisie sur { $hub }. Ce n’est pas une newsletter.
mail-footer-help = Des questions ? Écrivez à { $address }.
mail-footer-visit = Voir { $hub }
mail-logo-alt = { $hub }

mail-entry-confirmation-subject = Vous participez : { $card }
mail-entry-confirmation-preheader = Votre participation est bien arrivée. Voici ce que nous avons noté.
mail-entry-confirmation-heading = Vous participez !
mail-entry-confirmation-body = Merci de participer à **{ $card }**. Votre participation est bien arrivée, vous n’avez rien d’autre à faire.
mail-entry-confirmation-label = Votre choix
mail-entry-confirmation-button = Retour à { $hub }
mail-entry-confirmation-note = Reçue le { $day }. Gardez ce message si vous souhaitez conserver une trace.

mail-verification-code-subject = { $code } est votre code
mail-verification-code-preheader = Saisissez-le pour continuer. Il est valable { $time }.
mail-verification-code-heading = Voici votre code
mail-verification-code-body = Saisissez ce code sur la page d’où vous venez pour continuer.
mail-verification-code-label = Votre code
mail-verification-code-button = Retour à { $hub }
mail-verification-code-note = Le code est valable { $time } et ne sert qu’une fois. Si vous ne l’avez pas demandé, ignorez ce message : rien ne se passe sans le code.

mail-coupon-subject = Votre bon : { $offer }
mail-coupon-preheader = Le code est à l’intérieur. Présentez-le ou saisissez-le.
mail-coupon-heading = Une petite attention pour vous
mail-coupon-body = Ce bon est à vous : **{ $offer }**. Présentez le code à la caisse, ou saisissez-le au moment de commander.
mail-coupon-label = Votre code
mail-coupon-button = Utiliser le bon
mail-coupon-note = Valable jusqu’au { $day }, une seule fois.

mail-prize-won-subject = Vous avez gagné : { $prize }
mail-prize-won-preheader = C’est bien vrai. Voici comment recevoir votre lot.
mail-prize-won-heading = Vous avez gagné !
mail-prize-won-body = Félicitations ! En jouant à **{ $card }**, vous avez gagné ceci :
mail-prize-won-label = Votre lot
mail-prize-won-button = Recevoir mon lot
mail-prize-won-note = Ce bouton est pour vous seulement. Merci de ne pas transférer ce message.

mail-winner-notice-subject = Le sort vous a désigné : { $prize }
mail-winner-notice-preheader = Confirmez avant la fin du { $day } pour que le lot soit à vous.
mail-winner-notice-heading = Le tirage est pour vous
mail-winner-notice-body = Parmi toutes les participations à **{ $card }**, la vôtre a été tirée au sort. Confirmez au plus tard le **{ $day }** que vous acceptez le lot ; ensuite, nous devrons refaire un tirage.
mail-winner-notice-label = Votre lot
mail-winner-notice-button = Confirmer et recevoir
mail-winner-notice-note = Nous ne demandons jamais d’argent, de mot de passe ni de coordonnées bancaires aux gagnants.

mail-winner-reminder-subject = Il vous attend toujours : { $prize }
mail-winner-reminder-preheader = Temps restant pour le recevoir : { $time }.
mail-winner-reminder-heading = Votre lot vous attend toujours
mail-winner-reminder-body = Nous vous avons écrit parce que votre participation à **{ $card }** a été tirée au sort, et nous n’avons pas encore eu de réponse. Confirmez au plus tard le **{ $day }** ; ensuite, le lot ira à quelqu’un d’autre.
mail-winner-reminder-label = Votre lot
mail-winner-reminder-button = Confirmer et recevoir
mail-winner-reminder-note = Temps restant : { $time }. Nous ne demandons jamais d’argent, de mot de passe ni de coordonnées bancaires aux gagnants.

mail-minutes = { $count ->
    [1] une minute
    [one] { $count } minute
   *[other] { $count } minutes
}
mail-days = { $count ->
    [0] moins d’un jour
    [one] un jour
   *[other] { $count } jours
}

mail-sample-first-name = Camille
mail-sample-last-name = Lefèvre
mail-sample-prize = Un an de dimanches
mail-sample-prize-detail = Douze coffrets, un par mois, choisis par vous.
mail-sample-offer = Une boule offerte
