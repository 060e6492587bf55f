this-or-that-title = どっちにする？
this-or-that-results = みんなの選択
