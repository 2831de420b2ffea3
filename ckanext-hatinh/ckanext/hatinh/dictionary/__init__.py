"""Dictionary: its editions and their workflow, its pages and addresses, the columns bound to it."""
