checklist-title = Lista para marcar
checklist-send = Ver mi resultado
checklist-score = { $number } de { $total } marcadas
checklist-summary = { $number } de { $total } marcadas
checklist-fact-score = Cuántas se marcaron
checklist-fact-outcome = Resultado
checklist-control-options = Lo que se puede marcar
