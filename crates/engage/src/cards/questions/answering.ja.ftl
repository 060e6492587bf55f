# What several kinds of questions share.
questions-thanks = ご回答ありがとうございます
questions-too-few = { $number }個以上選んでください。
questions-too-many = 選べるのは{ $number }個までです。
questions-exactly = { $number }個選んでください。
questions-between = { $number }〜{ $most }個選んでください。
questions-at-least = { $number }個以上選んでください。
questions-up-to = { $number }個まで選べます。
questions-required = 回答が必要です。答えてから送信してください。
questions-optional = （任意）
questions-control-fewest = 選ぶ最小の数
questions-control-most = 選べる最大の数
