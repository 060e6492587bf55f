pick-a-box-title = Elige una caja
pick-a-box-choose = ¿Qué caja abres?
pick-a-box-box = Caja { $number }
pick-a-box-opened = La caja { $number } está abierta
pick-a-box-none-chosen = Elige una de las cajas.
pick-a-box-fact = Caja
pick-a-box-control-boxes = Cuántas cajas hay
