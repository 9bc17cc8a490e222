-- Presync's own database beside Airflow's: what it holds must outlive a rebuilt Airflow.
CREATE DATABASE presync OWNER airflow;
