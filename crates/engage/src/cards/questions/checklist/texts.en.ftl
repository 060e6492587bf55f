checklist-title = Checklist
checklist-send = Show my result
checklist-score = { $number } of { $total } ticked
checklist-summary = { $number } of { $total } ticked
checklist-fact-score = How many were ticked
checklist-fact-outcome = Result
checklist-control-options = What can be ticked
