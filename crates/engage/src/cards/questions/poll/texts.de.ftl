poll-title = Umfrage
poll-vote = Abstimmen
poll-your-answer = deine Antwort
poll-votes = { $count ->
    [one] { $count } Stimme
   *[other] { $count } Stimmen
}
poll-summary = Antwort: { $answer }
poll-control-question = Frage
poll-control-key = Schlüssel der Frage
poll-control-options = Antworten
poll-control-option-label = Antwort
poll-control-option-key = Schlüssel der Antwort
poll-control-option-image = Bild
poll-control-results = Wer die Ergebnisse sieht
poll-control-results-after = Teilnehmende nach ihrer Stimme
poll-control-results-never = Nur Mitglieder
