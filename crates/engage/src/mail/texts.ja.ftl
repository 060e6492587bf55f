mail-greeting = { $name }さん、こんにちは。
mail-greeting-unknown = こんにちは。
mail-footer-why = このメールは、{ $hub }でこのアドレスが入力されたためお送りしています。メールマガジンではありません。
mail-footer-help = ご質問は { $address } までお寄せください。
mail-footer-visit = { $hub }を見る
mail-logo-alt = { $hub }

mail-entry-confirmation-subject = 参加を受け付けました：{ $card }
mail-entry-confirmation-preheader = 参加を受け付けました。内容をお知らせします。
mail-entry-confirmation-heading = 参加を受け付けました
mail-entry-confirmation-body = 「{ $card }」にご参加いただき、ありがとうございます。無事に受け付けましたので、ほかに必要な手続きはありません。
mail-entry-confirmation-label = あなたの選択
mail-entry-confirmation-button = { $hub }に戻る
mail-entry-confirmation-note = 受付日：{ $day }。控えが必要な場合は、このメールを保存してください。

mail-verification-code-subject = { $code } が確認コードです
mail-verification-code-preheader = 入力すると先に進めます。有効期間は{ $time }です。
mail-verification-code-heading = 確認コードをお送りします
mail-verification-code-body = 元のページでこのコードを入力すると、先に進めます。
mail-verification-code-label = 確認コード
mail-verification-code-button = { $hub }に戻る
mail-verification-code-note = コードの有効期間は{ $time }で、使えるのは1回だけです。心当たりがない場合は、このメールを無視してください。コードを入力しなければ何も起こりません。

mail-coupon-subject = クーポンをお届けします：{ $offer }
mail-coupon-preheader = コードはこのメールの中にあります。提示するか、入力してご利用ください。
mail-coupon-heading = ささやかなプレゼントです
mail-coupon-body = 「{ $offer }」のクーポンをお届けします。お会計のときにコードを提示するか、ご注文のときに入力してください。
mail-coupon-label = クーポンコード
mail-coupon-button = クーポンを使う
mail-coupon-note = 有効期限：{ $day }。1回限り有効です。

mail-prize-won-subject = 当選しました：{ $prize }
mail-prize-won-preheader = おめでとうございます。受け取り方をお知らせします。
mail-prize-won-heading = 当選しました！
mail-prize-won-body = おめでとうございます！「{ $card }」で次の賞品が当たりました。
mail-prize-won-label = 賞品
mail-prize-won-button = 賞品を受け取る
mail-prize-won-note = ボタンはあなた専用です。このメールを転送しないでください。

mail-winner-notice-subject = 抽選で当選しました：{ $prize }
mail-winner-notice-preheader = { $day }までにご確認いただくと、賞品を受け取れます。
mail-winner-notice-heading = 抽選で当選しました
mail-winner-notice-body = 「{ $card }」の全参加者の中から、あなたが抽選で選ばれました。{ $day }までに、賞品を受け取ることをご確認ください。過ぎた場合は再抽選になります。
mail-winner-notice-label = 賞品
mail-winner-notice-button = 確認して受け取る
mail-winner-notice-note = 当選者の方に、お金やパスワード、銀行口座の情報をお尋ねすることは決してありません。

mail-winner-reminder-subject = まだ受け取りをお待ちしています：{ $prize }
mail-winner-reminder-preheader = 受け取り期限まであと{ $time }です。
mail-winner-reminder-heading = 賞品の受け取りをお待ちしています
mail-winner-reminder-body = 「{ $card }」の抽選で当選されたことをお知らせしましたが、まだご確認をいただいていません。{ $day }までにご確認ください。過ぎた場合、賞品はほかの方のものになります。
mail-winner-reminder-label = 賞品
mail-winner-reminder-button = 確認して受け取る
mail-winner-reminder-note = 残り時間：{ $time }。当選者の方に、お金やパスワード、銀行口座の情報をお尋ねすることは決してありません。

mail-minutes = { $count }分
mail-days = { $count ->
    [0] 1日未満
   *[other] { $count }日
}

mail-sample-first-name = 花子
mail-sample-last-name = 山田
mail-sample-prize = 1年分の日曜日
mail-sample-prize-detail = 毎月1箱、合計12箱をお好みで選べます。
mail-sample-offer = アイス1スクープ無料
