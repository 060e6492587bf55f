poll-title = Poll
poll-vote = Vote
poll-your-answer = your answer
poll-votes = { $count ->
    [one] { $count } vote
   *[other] { $count } votes
}
poll-summary = Answered: { $answer }
poll-control-question = Question
poll-control-key = Key of the question
poll-control-options = Answers
poll-control-option-label = Answer
poll-control-option-key = Key of the answer
poll-control-option-image = Picture
poll-control-results = Who sees the results
poll-control-results-after = Participants, after their vote
poll-control-results-never = Members only
