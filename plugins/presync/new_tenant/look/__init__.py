"""What a look at both systems finds."""
