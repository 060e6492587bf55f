word-guess-title = 単語当て
word-guess-how = 隠された5文字の単語を当ててください。答えるたびに、含まれる文字と位置の合っている文字が分かります。
word-guess-stand = { $number ->
   *[other] 残り{ $number }回
 }
word-guess-guesses = これまでの答え
word-guess-label = あなたの答え（5文字）
word-guess-send = 答える
word-guess-right = { $letter }：位置も合っています。
word-guess-elsewhere = { $letter }：別の位置にあります。
word-guess-absent = { $letter }：含まれていません。
word-guess-five = 答えは5文字です。5文字の単語を入力してください。
word-guess-again = その単語はすでに試しました。別の単語をお試しください。
word-guess-was = 正解は{ $word }でした。
word-guess-control-words = 5文字の単語
