personality-title = タイプ診断
personality-summary = 結果：{ $outcome }
personality-fact-outcome = 結果
personality-control-outcomes = 結果一覧
personality-control-outcome = 結果のキー
personality-control-points = ポイント
personality-control-counts = 加算先
