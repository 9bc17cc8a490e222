"""What was read from both systems, as read: Parquet files, and one DuckDB database per run."""
