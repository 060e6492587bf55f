rating-title = Rating
rating-send = Send
rating-thanks = Thank you for your rating
rating-stars = { $number } of { $total } stars
rating-face-1 = Very bad
rating-face-2 = Bad
rating-face-3 = All right
rating-face-4 = Good
rating-face-5 = Very good
rating-decimal = { $whole }.{ $rest }
rating-everybody = Everybody: { $average } of { $total } on average, from { $count ->
    [one] 1 rating
   *[other] { $count } ratings
  }
rating-missing = This needs a rating. Choose one, then send it.
rating-nothing = Rate at least one, then send it.
rating-fact-average = Average rating
rating-control-question = What stands above
rating-control-items = What is rated
rating-control-item = What it is
rating-control-style = Look
rating-control-style-stars = Stars
rating-control-style-faces = Faces
rating-control-stars = How many stars
rating-control-skip = Things may be left out
