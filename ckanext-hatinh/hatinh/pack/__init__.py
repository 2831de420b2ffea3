"""Packs for auditors that prove their own figures."""
