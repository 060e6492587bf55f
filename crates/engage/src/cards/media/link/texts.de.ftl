link-title = Link
link-go = Dorthin
link-leads-to = Führt zu
link-elsewhere = (öffnet sich in einem neuen Tab)
link-control-address = Adresse
link-control-label = Was auf dem Knopf steht
link-control-text = Was dich dort erwartet
