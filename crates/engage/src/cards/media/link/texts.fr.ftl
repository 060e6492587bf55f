link-title = Lien
link-go = Y aller
link-leads-to = Mène à
link-elsewhere = (s’ouvre dans un nouvel onglet)
link-control-address = Adresse
link-control-label = Texte du bouton
link-control-text = Ce qui attend les visiteurs
