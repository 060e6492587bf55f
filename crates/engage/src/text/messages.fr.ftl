form-yes = Oui
form-no = Non
form-unknown-field = Ce formulaire n’a pas de champ « { $key } ». Retirez-le et renvoyez le formulaire.
form-field-twice = « { $key } » a été envoyé plusieurs fois. Envoyez-le une seule fois.
form-consent-shape = Le consentement « { $key } » vaut true ou false. Envoyez l’une de ces valeurs.
form-consent-contradiction = Le consentement « { $key } » a été envoyé deux fois avec des réponses différentes. Envoyez-le une seule fois.
form-body-shape = Le formulaire doit être un objet avec « fields » et « consents ». Envoyez-le sous cette forme.
card-nothing-chosen = Choisissez une réponse, puis envoyez-la.
card-unknown-question = Cette question n’existe plus. Rechargez la page.
card-unknown-option = Cette réponse n’existe plus. Rechargez la page et choisissez une de celles qui sont affichées.
card-not-played = Il n’y a rien à jouer ici. Remplissez plutôt le formulaire.
card-impossible = Le jeu n’a pas pu se dérouler ainsi. Rechargez la page et recommencez.
card-unsent = Pas de connexion pour l’instant : rien n’a été envoyé. Votre choix est toujours là, réessayez dans un moment.
day = { $day ->
    [1] 1er
   *[other] { $day }
} { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
} { $year }
moment = { $day } à { $time } UTC
