"""Side by side with stock CKAN: ours and theirs in one run, as ratios and counts."""
