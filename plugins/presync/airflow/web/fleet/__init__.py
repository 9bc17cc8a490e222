"""The fleet page: all companies that the user may read, their causes and history."""
