"""What was read from both systems for one run: Parquet hand-over and the run's DuckDB database."""
