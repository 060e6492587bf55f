mail-greeting = Hola, { $name }:
mail-greeting-unknown = Hola:
mail-footer-why = Recibes este mensaje porque esta dirección se indicó en { $hub }. No es un boletín.
mail-footer-help = ¿Preguntas? Escribe a { $address }.
mail-footer-visit = Visitar { $hub }
mail-logo-alt = { $hub }

mail-entry-confirmation-subject = Ya participas: { $card }
mail-entry-confirmation-preheader = Tu participación ha llegado. Esto es lo que hemos anotado.
mail-entry-confirmation-heading = ¡Ya participas!
mail-entry-confirmation-body = Gracias por participar en **{ $card }**. Tu participación ha llegado bien; no tienes que hacer nada más.
mail-entry-confirmation-label = Tu elección
mail-entry-confirmation-button = Volver a { $hub }
mail-entry-confirmation-note = Recibida el { $day }. Guarda este mensaje si quieres tener un comprobante.

mail-verification-code-subject = { $code } es tu código
mail-verification-code-preheader = Escríbelo para continuar. Es válido durante { $time }.
mail-verification-code-heading = Aquí tienes tu código
mail-verification-code-body = Escribe este código en la página de la que vienes para continuar.
mail-verification-code-label = Tu código
mail-verification-code-button = Volver a { $hub }
mail-verification-code-note = El código es válido durante { $time } y sirve una sola vez. Si no lo has pedido, ignora este mensaje: sin el código no pasa nada.

mail-coupon-subject = Tu cupón: { $offer }
mail-coupon-preheader = El código está dentro. Enséñalo o escríbelo.
mail-coupon-heading = Un detalle para ti
mail-coupon-body = Este cupón es tuyo: **{ $offer }**. Enseña el código al pagar o escríbelo al hacer tu pedido.
mail-coupon-label = Tu código
mail-coupon-button = Usar el cupón
mail-coupon-note = Válido hasta el { $day }. Un solo uso.

mail-prize-won-subject = Has ganado: { $prize }
mail-prize-won-preheader = Es de verdad. Así recibes tu premio.
mail-prize-won-heading = ¡Has ganado!
mail-prize-won-body = ¡Enhorabuena! Al jugar a **{ $card }** has ganado esto:
mail-prize-won-label = Tu premio
mail-prize-won-button = Recibir mi premio
mail-prize-won-note = El botón es solo para ti. Por favor, no reenvíes este mensaje.

mail-winner-notice-subject = Te ha tocado: { $prize }
mail-winner-notice-preheader = Confirma hasta el { $day } para que el premio sea tuyo.
mail-winner-notice-heading = ¡Te ha tocado!
mail-winner-notice-body = De todas las participaciones en **{ $card }**, en el sorteo salió la tuya. Confirma hasta el **{ $day }** que aceptas el premio; después tendremos que sortear de nuevo.
mail-winner-notice-label = Tu premio
mail-winner-notice-button = Confirmar y recibir
mail-winner-notice-note = A quien gana nunca le pedimos dinero, contraseñas ni datos bancarios.

mail-winner-reminder-subject = Aún te espera: { $prize }
mail-winner-reminder-preheader = Tiempo que te queda para recibirlo: { $time }.
mail-winner-reminder-heading = Tu premio aún te espera
mail-winner-reminder-body = Te escribimos porque te tocó el premio de **{ $card }** y todavía no sabemos nada de ti. Confirma hasta el **{ $day }**; después, el premio será para otra persona.
mail-winner-reminder-label = Tu premio
mail-winner-reminder-button = Confirmar y recibir
mail-winner-reminder-note = Tiempo que te queda: { $time }. A quien gana nunca le pedimos dinero, contraseñas ni datos bancarios.

mail-minutes = { $count ->
    [one] un minuto
   *[other] { $count } minutos
}
mail-days = { $count ->
    [0] menos de un día
    [one] un día
   *[other] { $count } días
}

mail-sample-first-name = Lucía
mail-sample-last-name = Muñoz
mail-sample-prize = Un año de domingos
mail-sample-prize-detail = Doce cajas, una al mes, elegidas por ti.
mail-sample-offer = Una bola de regalo
