link-title = リンク
link-go = 開く
link-leads-to = リンク先：
link-elsewhere = （新しいタブで開きます）
link-control-address = アドレス
link-control-label = ボタンの文字
link-control-text = リンク先の説明
