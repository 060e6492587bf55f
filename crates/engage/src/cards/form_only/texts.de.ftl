form-only-title = Formular
