pick-a-box-title = Pick a box
pick-a-box-choose = Which box do you open?
pick-a-box-box = Box { $number }
pick-a-box-opened = Box { $number } is open
pick-a-box-none-chosen = Choose one of the boxes.
pick-a-box-fact = Box
pick-a-box-control-boxes = How many boxes there are
