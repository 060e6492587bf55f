form-only-title = フォーム
