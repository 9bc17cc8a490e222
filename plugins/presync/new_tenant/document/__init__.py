"""The text of the new tenant file."""
