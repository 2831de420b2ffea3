"""Addresses last: names are never given to something else, and what is withdrawn says why."""
