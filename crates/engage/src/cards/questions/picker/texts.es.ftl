picker-title = Selección
picker-send = Esta es mi elección
