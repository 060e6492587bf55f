scratch-and-win-title = Rubbellos
scratch-and-win-reveal = Gewinn aufdecken
scratch-and-win-control-cover = Worte auf der Abdeckung
