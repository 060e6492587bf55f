scratch-and-win-title = スクラッチ
scratch-and-win-reveal = 結果を見る
scratch-and-win-control-cover = カバーの文字
