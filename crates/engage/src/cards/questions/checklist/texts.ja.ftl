checklist-title = チェックリスト
checklist-send = 結果を見る
checklist-score = { $total }個のうち{ $number }個にチェック
checklist-summary = { $total }個のうち{ $number }個にチェック
checklist-fact-score = チェックした数
checklist-fact-outcome = 結果
checklist-control-options = チェックできる項目
