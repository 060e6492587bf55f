picker-title = Picker
picker-send = That’s my choice
