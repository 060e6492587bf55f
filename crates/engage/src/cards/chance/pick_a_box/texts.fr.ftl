pick-a-box-title = Choisissez une boîte
pick-a-box-choose = Quelle boîte ouvrez-vous ?
pick-a-box-box = Boîte { $number }
pick-a-box-opened = La boîte { $number } est ouverte
pick-a-box-none-chosen = Choisissez une des boîtes.
pick-a-box-fact = Boîte
pick-a-box-control-boxes = Nombre de boîtes
