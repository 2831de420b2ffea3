"""Who may come how far: what tokens may do."""
