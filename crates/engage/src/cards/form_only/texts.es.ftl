form-only-title = Formulario
