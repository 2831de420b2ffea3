"""One file a kind of source: a thin mapping from what it says to drafts."""
