secret-code-title = Código secreto
secret-code-try = Probar el código
secret-code-hint = Da igual si usas mayúsculas o espacios.
secret-code-nothing-typed = Escribe primero el código y luego envíalo.
secret-code-too-soon = Has ido muy rápido. Espera un momento e inténtalo de nuevo.
secret-code-wrong = Este código no es de los nuestros. Repásalo letra por letra.
secret-code-left = { $number ->
    [one] Te queda un intento.
   *[other] Te quedan { $number } intentos.
 }
secret-code-fact-code = Código
secret-code-fact-tries = Intentos
secret-code-control-prompt = Texto encima del campo
secret-code-control-codes = Códigos
secret-code-control-code = El código tal como está impreso
secret-code-control-key = Clave del código
secret-code-control-prize = Clave del premio que da
secret-code-control-code-title = Título para quien no gana un premio con él
secret-code-control-code-text = Texto para quien no gana un premio con él
secret-code-control-tries = Cuántos códigos puede probar una persona
