pick-a-box-title = Eine Box wählen
pick-a-box-choose = Welche Box öffnest du?
pick-a-box-box = Box { $number }
pick-a-box-opened = Box { $number } ist offen
pick-a-box-none-chosen = Wähle eine der Boxen.
pick-a-box-fact = Box
pick-a-box-control-boxes = Wie viele Boxen es gibt
