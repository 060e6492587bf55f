image-title = 画像
image-elsewhere = （新しいタブで開きます）
image-control-image = 画像
image-control-caption = キャプション
image-control-link = ボタンのリンク先
image-control-link-label = ボタンの文字
