"""Harvest: runs the sources, writes what they give, and keeps account of every record."""
