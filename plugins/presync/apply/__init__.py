"""Approved corrections, written to Severa one by one, with a journal, and taken back."""
