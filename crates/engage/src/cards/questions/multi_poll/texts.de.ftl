multi-poll-title = Mehrere Umfragen
multi-poll-results = So haben alle abgestimmt
