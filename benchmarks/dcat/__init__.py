"""The catalogue in DCAT: our dump beside the pages of ckanext-dcat on the same records."""
