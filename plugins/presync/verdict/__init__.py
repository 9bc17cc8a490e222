"""What a run proved, and how its findings compare with those of earlier runs."""
