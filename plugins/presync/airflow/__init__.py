"""Everything that Airflow loads: DAGs, tasks, plugin and connection types."""
