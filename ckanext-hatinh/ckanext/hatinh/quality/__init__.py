"""Quality: keeps the score of every dataset and shows why it is not higher."""
