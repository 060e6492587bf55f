# What several kinds of questions share.
questions-thanks = Merci pour vos réponses
questions-too-few = Choisissez-en au moins { $number }.
questions-too-many = Choisissez-en { $number } au maximum.
questions-exactly = Choisissez-en { $number }.
questions-between = Choisissez-en de { $number } à { $most }.
questions-at-least = Choisissez-en { $number } ou plus.
questions-up-to = Choisissez-en jusqu’à { $number }.
questions-required = Il manque une réponse ici. Donnez-en une, puis envoyez.
questions-optional = (facultatif)
questions-control-fewest = Nombre minimum de choix
questions-control-most = Nombre maximum de choix
