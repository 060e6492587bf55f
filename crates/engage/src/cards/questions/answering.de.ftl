# What several kinds of questions share.
questions-thanks = Danke für deine Antworten
questions-too-few = Wähle mindestens { $number }.
questions-too-many = Wähle höchstens { $number }.
questions-exactly = Wähle { $number } aus.
questions-between = Wähle { $number } bis { $most } aus.
questions-at-least = Wähle { $number } oder mehr aus.
questions-up-to = Wähle bis zu { $number } aus.
questions-required = Hier fehlt eine Antwort. Gib eine und schick sie dann ab.
questions-optional = (freiwillig)
questions-control-fewest = Wie viele mindestens
questions-control-most = Wie viele höchstens
