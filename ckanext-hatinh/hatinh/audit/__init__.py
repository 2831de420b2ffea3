"""Auditors and use, in so far as they need no portal: rules, the chain of the log, what counts."""
