scratch-and-win-title = Rasca y gana
scratch-and-win-reveal = Descubrir mi premio
scratch-and-win-control-cover = Texto sobre la zona que se rasca
