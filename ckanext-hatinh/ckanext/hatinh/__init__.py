"""CKAN glue of the portal: small plugins, one noun each, thin over :mod:`hatinh`."""
