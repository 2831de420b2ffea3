"""Reports, boards, scores and campaigns over a catalogue of 1,000 to 100,000 records."""
