form-only-title = Formulaire
