article-title = 記事
article-reading-time = { $number }分で読めます
article-control-parts = 段落
article-control-text = 本文
article-control-image = 下の画像
article-control-caption = キャプション
