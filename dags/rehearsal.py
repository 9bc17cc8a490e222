"""The DAG that rehearses corrections for companies' pages (Airflow)."""

from presync.airflow.rehearsal_dag import rehearsal_dag
from presync.tenants.model import REHEARSAL

globals()[REHEARSAL] = rehearsal_dag()
