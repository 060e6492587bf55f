scratch-and-win-title = Scratch and win
scratch-and-win-reveal = Reveal my prize
scratch-and-win-control-cover = Words on the cover
