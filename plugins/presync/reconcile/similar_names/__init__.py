"""Pairs of similar names, found without comparing every name with every other."""
