personality-title = Test de personalidad
personality-summary = Resultado: { $outcome }
personality-fact-outcome = Resultado
personality-control-outcomes = Resultados
personality-control-outcome = Clave del resultado
personality-control-points = Puntos
personality-control-counts = Cuenta para
