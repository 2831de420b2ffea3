"""What the sibling plugins share: mapping to CKAN, the vocabulary, the command group. No plugin."""
