# Texts that all cards share. Sentences say what happened and what to do.
form-submit = Send
form-problem-heading = There is a problem
form-required = required
form-optional = optional
form-thanks-title = Thank you!
form-thanks-text = We have received your entry.
form-choose = Please choose
form-yes = Yes
form-no = No
form-unknown-field = This form has no field “{ $key }”. Leave it out and send the form again.
form-field-twice = “{ $key }” was sent more than once. Send it once.
form-consent-shape = The consent “{ $key }” is either true or false. Send one of these.
form-consent-contradiction = The consent “{ $key }” was sent twice with different answers. Send it once.
form-body-shape = The form has to be an object with “fields” and “consents”. Send it in that shape.
card-not-yet-open = This opens soon. Come back a little later.
card-closed = This is closed. You can no longer take part here; have a look at what else there is.
card-already-entered = You have already taken part. Every person can take part once.
