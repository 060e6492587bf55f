slot-machine-title = Machine à sous
slot-machine-spin = Lancer les rouleaux
slot-machine-rules = Trois symboles identiques gagnent
slot-machine-control-symbols = Symboles des rouleaux
slot-machine-control-symbol = Symbole : un emoji, ou une ou deux lettres
slot-machine-control-name = Nom du symbole
