"""Auditors read everything, change nothing, and what they read is logged; and counts of use."""
