spin-to-win-title = ルーレット
spin-to-win-spin = ルーレットを回す
spin-to-win-slices = ルーレットの内容
spin-to-win-control-blanks = はずれのマス
spin-to-win-control-blank = マスの文字
