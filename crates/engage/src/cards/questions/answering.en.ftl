# What several kinds of questions share.
questions-thanks = Thank you for your answers
questions-too-few = Choose at least { $number }.
questions-too-many = Choose no more than { $number }.
questions-exactly = Choose { $number }.
questions-between = Choose { $number } to { $most }.
questions-at-least = Choose { $number } or more.
questions-up-to = Choose up to { $number }.
questions-required = This needs an answer. Give one, then send it.
questions-optional = (optional)
questions-control-fewest = Fewest to choose
questions-control-most = Most to choose
