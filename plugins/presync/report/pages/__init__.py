"""The pages of a report, complete without a network."""
