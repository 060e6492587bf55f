form-only-title = Form
