"""Reports inside the Airflow UI, for those who may read the tenant's DAG."""
