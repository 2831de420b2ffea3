"""The portal's domain: datasets, dictionary, checks, scores and reports.

Nothing in here knows CKAN, Flask, SQLAlchemy or the network; everything is tested in milliseconds.
"""
