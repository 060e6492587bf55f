slide-puzzle-title = スライドパズル
slide-puzzle-how = すき間を使ってピースを動かし、絵を完成させてください。最後のすき間は右下の角です。
slide-puzzle-stand = 絵を完成させてください
slide-puzzle-piece = ピース{ $number }
slide-puzzle-gap = すき間
slide-puzzle-stuck = このピースは動かせません。すき間の隣のピースをお選びください。
slide-puzzle-control-side = 一辺のピース数
slide-puzzle-control-image = 画像（ない場合は番号を表示）
