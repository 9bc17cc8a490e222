"""What outlives a run: verdicts, row counts, certificates and starts, in SQLite or PostgreSQL."""
