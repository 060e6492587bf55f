secret-code-title = シークレットコード
secret-code-try = コードを試す
secret-code-hint = 大文字・小文字やスペースの違いは問いません。
secret-code-nothing-typed = 先にコードを入力してから送信してください。
secret-code-too-soon = 少し早すぎます。しばらく待ってから、もう一度お試しください。
secret-code-wrong = このコードは登録されていません。一文字ずつもう一度ご確認ください。
secret-code-left = { $number ->
   *[other] あと{ $number }回試せます。
 }
secret-code-fact-code = コード
secret-code-fact-tries = 試した回数
secret-code-control-prompt = 入力欄の上に表示する言葉
secret-code-control-codes = コード
secret-code-control-code = 印刷されているとおりのコード
secret-code-control-key = コードのキー
secret-code-control-prize = 当たる景品のキー
secret-code-control-code-title = 景品が当たらない場合の見出し
secret-code-control-code-text = 景品が当たらない場合の文章
secret-code-control-tries = 一人が試せる回数
