"""Actions of tokens, their parameters and who may call them."""
