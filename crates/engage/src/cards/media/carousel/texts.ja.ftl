carousel-title = スライド
carousel-row = 画像（横にスクロール）
carousel-place = { $place } / { $total }
carousel-previous = 前へ
carousel-next = 次へ
carousel-control-pictures = 画像一覧
carousel-control-image = 画像
carousel-control-caption = キャプション
