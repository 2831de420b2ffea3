"""The portal's data: dataset schemas, code lists, the dictionary, texts of problems."""

from pathlib import Path

ROOT = Path(__file__).parent
"""Folder that holds the YAML and CSV files."""
