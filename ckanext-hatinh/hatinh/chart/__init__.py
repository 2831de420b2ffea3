"""Charts as SVG, drawn on the server: bars, lines and pies, without a script."""
