"""All companies at once: the stage of each, and what the fleet page shows."""
