"""Catalogue editions: drafting, issuing, their pages and files, sending, mandated subjects."""
