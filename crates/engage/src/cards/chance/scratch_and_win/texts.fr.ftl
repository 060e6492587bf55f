scratch-and-win-title = Carte à gratter
scratch-and-win-reveal = Découvrir mon lot
scratch-and-win-control-cover = Texte sur la surface à gratter
