personality-title = Personality test
personality-summary = Outcome: { $outcome }
personality-fact-outcome = Outcome
personality-control-outcomes = Outcomes
personality-control-outcome = Key of the outcome
personality-control-points = Points
personality-control-counts = Counts for
