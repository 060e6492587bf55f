# Texts that all cards share. Sentences say what happened and what to do.
form-yes = Yes
form-no = No
form-unknown-field = This form has no field “{ $key }”. Leave it out and send the form again.
form-field-twice = “{ $key }” was sent more than once. Send it once.
form-consent-shape = The consent “{ $key }” is either true or false. Send one of these.
form-consent-contradiction = The consent “{ $key }” was sent twice with different answers. Send it once.
form-body-shape = The form has to be an object with “fields” and “consents”. Send it in that shape.
card-nothing-chosen = Choose an answer, then send it.
card-unknown-question = This question is no longer there. Load the page again.
card-unknown-option = This answer is no longer there. Load the page again and choose one of those shown.
card-not-played = There is nothing to play here. Fill in the form instead.
card-impossible = This cannot have happened in the game. Load the page again and start anew.
card-unsent = There is no connection right now, so nothing was sent. What you chose is still here: try again in a moment.
day = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
moment = { $day }, { $time } UTC
