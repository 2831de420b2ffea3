"""First import, unchanged and changed re-runs, beside the stock harvesters on the same machine."""
