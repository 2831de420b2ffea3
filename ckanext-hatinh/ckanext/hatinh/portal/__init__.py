"""The portal's face: look, home page, guides, security headers and the catalogue of texts."""
