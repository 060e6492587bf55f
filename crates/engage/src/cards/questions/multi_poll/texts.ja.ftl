multi-poll-title = 複数の投票
multi-poll-results = みんなの投票結果
