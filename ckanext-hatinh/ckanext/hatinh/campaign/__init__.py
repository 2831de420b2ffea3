"""Inventory campaigns: drafting, parts and their sign-off, the snapshot, figures and packs."""
