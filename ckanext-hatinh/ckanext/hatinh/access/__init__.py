"""Plugin ``hatinh_access``: tokens of programs, what they may do and for whom."""
