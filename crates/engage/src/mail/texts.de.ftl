# What mails say where the author has not written words of their own. Placeholders become properties of the mail.
mail-greeting = Hallo { $name },
mail-greeting-unknown = Hallo,
mail-footer-why = Du bekommst diese Nachricht, weil diese Adresse bei { $hub } angegeben wurde. Sie ist kein Newsletter.
mail-footer-help = Fragen? Schreib an { $address }.
mail-footer-visit = Zu { $hub }
mail-logo-alt = { $hub }

mail-entry-confirmation-subject = Du bist dabei: { $card }
mail-entry-confirmation-preheader = Deine Teilnahme ist angekommen. Das haben wir notiert.
mail-entry-confirmation-heading = Du bist dabei!
mail-entry-confirmation-body = Danke, dass du bei **{ $card }** mitmachst. Deine Teilnahme ist gut angekommen, mehr brauchst du nicht zu tun.
mail-entry-confirmation-label = Deine Wahl
mail-entry-confirmation-button = Zurück zu { $hub }
mail-entry-confirmation-note = Eingegangen am { $day }. Heb diese Nachricht auf, wenn du etwas in der Hand haben willst.

mail-verification-code-subject = { $code } ist dein Code
mail-verification-code-preheader = Gib ihn ein, dann geht es weiter. Er gilt { $time }.
mail-verification-code-heading = Hier ist dein Code
mail-verification-code-body = Gib diesen Code auf der Seite ein, von der du kommst, dann geht es weiter.
mail-verification-code-label = Dein Code
mail-verification-code-button = Zurück zu { $hub }
mail-verification-code-note = Der Code gilt { $time } und nur ein einziges Mal. Wenn du ihn nicht angefordert hast, vergiss diese Nachricht einfach: Ohne den Code passiert nichts.

mail-coupon-subject = Dein Gutschein: { $offer }
mail-coupon-preheader = Der Code steht in der Nachricht. Zeig ihn vor oder gib ihn ein.
mail-coupon-heading = Eine Kleinigkeit für dich
mail-coupon-body = Dieser Gutschein gehört dir: **{ $offer }**. Zeig den Code beim Bezahlen vor oder gib ihn bei der Bestellung ein.
mail-coupon-label = Dein Code
mail-coupon-button = Gutschein einlösen
mail-coupon-note = Gültig bis { $day }, nur einmal einlösbar.

mail-prize-won-subject = Du hast gewonnen: { $prize }
mail-prize-won-preheader = Wirklich wahr. So kommst du an deinen Gewinn.
mail-prize-won-heading = Du hast gewonnen!
mail-prize-won-body = Herzlichen Glückwunsch! Bei **{ $card }** hast du das hier gewonnen:
mail-prize-won-label = Dein Gewinn
mail-prize-won-button = Gewinn abholen
mail-prize-won-note = Der Knopf ist nur für dich bestimmt. Gib diese Nachricht bitte nicht weiter.

mail-winner-notice-subject = Das Los fiel auf dich: { $prize }
mail-winner-notice-preheader = Bitte bestätige bis zum { $day }, dann gehört der Gewinn dir.
mail-winner-notice-heading = Das Los fiel auf dich
mail-winner-notice-body = Unter allen, die bei **{ $card }** mitgemacht haben, wurdest du gezogen. Bitte bestätige bis zum **{ $day }**, dass du den Gewinn annimmst; danach müssen wir neu ziehen.
mail-winner-notice-label = Dein Gewinn
mail-winner-notice-button = Bestätigen und abholen
mail-winner-notice-note = Wir fragen Gewinnerinnen und Gewinner nie nach Geld, Passwörtern oder Bankdaten.

mail-winner-reminder-subject = Wartet noch auf dich: { $prize }
mail-winner-reminder-preheader = Noch { $time } Zeit zum Abholen.
mail-winner-reminder-heading = Dein Gewinn wartet noch
mail-winner-reminder-body = Wir haben dir geschrieben, weil du bei **{ $card }** gezogen wurdest, und noch nichts von dir gehört. Bitte bestätige bis zum **{ $day }**; danach bekommt jemand anderes den Gewinn.
mail-winner-reminder-label = Dein Gewinn
mail-winner-reminder-button = Bestätigen und abholen
mail-winner-reminder-note = Du hast noch { $time } Zeit. Wir fragen Gewinnerinnen und Gewinner nie nach Geld, Passwörtern oder Bankdaten.

mail-minutes = { $count ->
    [one] eine Minute
   *[other] { $count } Minuten
}
mail-days = { $count ->
    [0] weniger als einen Tag
    [one] einen Tag
   *[other] { $count } Tage
}

mail-sample-first-name = Jana
mail-sample-last-name = Möller
mail-sample-prize = Ein Jahr voller Sonntage
mail-sample-prize-detail = Zwölf Kisten, jeden Monat eine, von dir ausgesucht.
mail-sample-offer = Eine Kugel aufs Haus
