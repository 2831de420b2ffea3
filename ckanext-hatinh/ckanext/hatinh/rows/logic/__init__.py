"""Actions and who may call them."""
