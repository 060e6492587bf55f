picker-title = Auswahl
picker-send = Das ist meine Wahl
