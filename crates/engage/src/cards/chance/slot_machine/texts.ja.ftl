slot-machine-title = スロット
slot-machine-spin = リールを回す
slot-machine-rules = 3つ揃うと当たりです
slot-machine-control-symbols = リールの絵柄
slot-machine-control-symbol = 絵柄：絵文字、または1～2文字
slot-machine-control-name = 絵柄の名前
