picker-title = Sélection
picker-send = C’est mon choix
