multi-poll-title = Plusieurs sondages
multi-poll-results = Le vote de tous
