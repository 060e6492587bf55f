link-title = Enlace
link-go = Ir allí
link-leads-to = Lleva a
link-elsewhere = (se abre en otra pestaña)
link-control-address = Dirección
link-control-label = Texto del botón
link-control-text = Qué espera allí a la gente
