"""Validators of the dataset types."""
