pick-a-box-title = 箱を選ぶ
pick-a-box-choose = どの箱を開けますか？
pick-a-box-box = 箱{ $number }
pick-a-box-opened = 箱{ $number }が開きました
pick-a-box-none-chosen = 箱を1つ選んでください。
pick-a-box-fact = 箱
pick-a-box-control-boxes = 箱の数
