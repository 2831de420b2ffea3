"""Rows of DataStore tables for people and programs: files, pages, charts and maps."""
