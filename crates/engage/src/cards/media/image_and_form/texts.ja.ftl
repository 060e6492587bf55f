image-and-form-title = 画像とフォーム
image-and-form-control-image = 画像
image-and-form-control-caption = キャプション
