checklist-title = Liste à cocher
checklist-send = Voir mon résultat
checklist-score = { $number } sur { $total } cochés
checklist-summary = { $number } sur { $total } cochés
checklist-fact-score = Nombre de cases cochées
checklist-fact-outcome = Résultat
checklist-control-options = Ce qui peut être coché
