picker-title = ピッカー
picker-send = これに決めます
