"""Actions, their parameters and their authorisation."""
