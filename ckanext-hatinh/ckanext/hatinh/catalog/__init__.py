"""Catalogue: dataset types, their validators, search, and DCAT."""
