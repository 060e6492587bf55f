# What mails say where the author has not written words of their own. Placeholders become properties of the mail.
mail-greeting = Hello { $name },
mail-greeting-unknown = Hello,
mail-footer-why = You get this message because this address was entered at { $hub }. It is not a newsletter.
mail-footer-help = Questions? Write to { $address }.
mail-footer-visit = Visit { $hub }
mail-logo-alt = { $hub }

mail-entry-confirmation-subject = You are in: { $card }
mail-entry-confirmation-preheader = Your entry has arrived. Here is what we have noted.
mail-entry-confirmation-heading = You are in!
mail-entry-confirmation-body = Thank you for taking part in **{ $card }**. Your entry has arrived safely; there is nothing else you have to do.
mail-entry-confirmation-label = You chose
mail-entry-confirmation-button = Back to { $hub }
mail-entry-confirmation-note = Received on { $day }. Keep this message if you want something in hand.

mail-verification-code-subject = { $code } is your code
mail-verification-code-preheader = Type it in to go on. It is valid for { $time }.
mail-verification-code-heading = Here is your code
mail-verification-code-body = Type this code in on the page you came from, and you can go on.
mail-verification-code-label = Your code
mail-verification-code-button = Back to { $hub }
mail-verification-code-note = The code is valid for { $time } and works once. If you did not ask for it, you can ignore this message: nothing happens without the code.

mail-coupon-subject = Your coupon: { $offer }
mail-coupon-preheader = The code is inside. Show it or type it in.
mail-coupon-heading = A little something for you
mail-coupon-body = This coupon is yours: **{ $offer }**. Show the code when you pay, or type it in when you order.
mail-coupon-label = Your code
mail-coupon-button = Use the coupon
mail-coupon-note = Valid until { $day }. One use only.

mail-prize-won-subject = You have won: { $prize }
mail-prize-won-preheader = It is real. Here is how you get it.
mail-prize-won-heading = You have won!
mail-prize-won-body = Congratulations! While playing **{ $card }** you have won this:
mail-prize-won-label = Your prize
mail-prize-won-button = Get your prize
mail-prize-won-note = The button is meant for you alone. Please do not pass this message on.

mail-winner-notice-subject = The draw has picked you: { $prize }
mail-winner-notice-preheader = Please confirm by { $day }, so that the prize is yours.
mail-winner-notice-heading = The draw has picked you
mail-winner-notice-body = Of all the entries to **{ $card }**, yours was drawn. Please confirm by **{ $day }** that you accept the prize; after that we have to draw again.
mail-winner-notice-label = Your prize
mail-winner-notice-button = Confirm and claim
mail-winner-notice-note = We never ask winners for money, passwords or bank details.

mail-winner-reminder-subject = Still waiting for you: { $prize }
mail-winner-reminder-preheader = { $time } left to claim it.
mail-winner-reminder-heading = Your prize is still waiting
mail-winner-reminder-body = We wrote to you because you were drawn in **{ $card }**, and have not heard from you yet. Please confirm by **{ $day }**; after that the prize goes to somebody else.
mail-winner-reminder-label = Your prize
mail-winner-reminder-button = Confirm and claim
mail-winner-reminder-note = Time left: { $time }. We never ask winners for money, passwords or bank details.

mail-minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
mail-days = { $count ->
    [0] less than a day
    [one] one day
   *[other] { $count } days
}

# Invented words, to show a mail that nobody has got yet.
mail-sample-first-name = Ann
mail-sample-last-name = Miller
mail-sample-prize = A year of Sundays
mail-sample-prize-detail = Twelve boxes, one each month, chosen by you.
mail-sample-offer = A scoop on the house
