slot-machine-title = Slot machine
slot-machine-spin = Spin the reels
slot-machine-rules = Three alike win
slot-machine-control-symbols = Symbols on the reels
slot-machine-control-symbol = Symbol: an emoji, or a letter or two
slot-machine-control-name = Name of the symbol
