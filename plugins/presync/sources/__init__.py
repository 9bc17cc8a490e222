"""Reading both systems."""
