slot-machine-title = Tragaperras
slot-machine-spin = Girar los rodillos
slot-machine-rules = Tres iguales ganan
slot-machine-control-symbols = Símbolos de los rodillos
slot-machine-control-symbol = Símbolo: un emoji, o una o dos letras
slot-machine-control-name = Nombre del símbolo
