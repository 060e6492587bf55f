personality-title = Persönlichkeitstest
personality-summary = Ergebnis: { $outcome }
personality-fact-outcome = Ergebnis
personality-control-outcomes = Ergebnisse
personality-control-outcome = Schlüssel des Ergebnisses
personality-control-points = Punkte
personality-control-counts = Zählt für
