personality-title = Test de personnalité
personality-summary = Résultat : { $outcome }
personality-fact-outcome = Résultat
personality-control-outcomes = Résultats
personality-control-outcome = Clé du résultat
personality-control-points = Nombre de points
personality-control-counts = Compte pour
