# What several kinds of questions share.
questions-thanks = Gracias por tus respuestas
questions-too-few = Elige al menos { $number }.
questions-too-many = Elige como máximo { $number }.
questions-exactly = Elige { $number }.
questions-between = Elige entre { $number } y { $most }.
questions-at-least = Elige { $number } o más.
questions-up-to = Elige hasta { $number }.
questions-required = Falta una respuesta. Responde y vuelve a enviar.
questions-optional = (opcional)
questions-control-fewest = Mínimo que hay que elegir
questions-control-most = Máximo que se puede elegir
