checklist-title = Checkliste
checklist-send = Zeig mein Ergebnis
checklist-score = { $number } von { $total } angehakt
checklist-summary = { $number } von { $total } angehakt
checklist-fact-score = Wie viele angehakt sind
checklist-fact-outcome = Ergebnis
checklist-control-options = Was angehakt werden kann
