this-or-that-title = Dies oder das
this-or-that-results = So haben alle gewählt
