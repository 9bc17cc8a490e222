"""One DAG per tenant file (Airflow). What is wrong with other files shows in `broken_tenants.py`."""

from presync import settings
from presync.airflow.dag import tenant_dag
from presync.tenants.folder import read_folder

settings.refuse_unusable()  # a setting that cannot be used concerns every tenant
for _tenant in read_folder(settings.tenants_folder()).tenants.values():
    globals()[_tenant.dag_id] = tenant_dag(_tenant)
