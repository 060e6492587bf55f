multi-poll-title = Varias encuestas
multi-poll-results = Así ha votado todo el mundo
