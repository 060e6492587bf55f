this-or-that-title = Ceci ou cela
this-or-that-results = Les choix de tous
