multi-poll-title = Several polls
multi-poll-results = How everybody voted
