"""Adapters that read the province's sources. They know the domain, never CKAN."""
