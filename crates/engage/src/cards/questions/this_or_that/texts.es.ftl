this-or-that-title = Esto o aquello
this-or-that-results = Así ha elegido todo el mundo
