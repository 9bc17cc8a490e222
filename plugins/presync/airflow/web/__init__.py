"""Pages inside the Airflow UI, for those who may read the company's DAG."""
