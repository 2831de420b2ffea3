"""Rows of a table as files: CSV, JSON, JSON Lines, XLSX and GeoJSON, written as they come."""
