slot-machine-title = Spielautomat
slot-machine-spin = Walzen drehen
slot-machine-rules = Drei gleiche gewinnen
slot-machine-control-symbols = Symbole auf den Walzen
slot-machine-control-symbol = Symbol: ein Emoji oder ein, zwei Buchstaben
slot-machine-control-name = Name des Symbols
