"""What outlives a run, as tables and queries only, in SQLite or PostgreSQL."""
