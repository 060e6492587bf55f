image-title = Image
image-elsewhere = (s’ouvre dans un nouvel onglet)
image-control-image = Image
image-control-caption = Légende
image-control-link = Où mène le bouton
image-control-link-label = Texte du bouton
