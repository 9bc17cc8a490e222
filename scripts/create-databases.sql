-- Presync's own database beside Airflow's: what it holds must outlive a rebuilt Airflow. Each has an owner of
-- its own. Presync runs as a third role that owns nothing; `presync migrate --run-as presync_run` says what it may.
\getenv airflow_password AIRFLOW_DATABASE_PASSWORD
\getenv owner_password CONTROL_OWNER_PASSWORD
\getenv run_password CONTROL_DATABASE_PASSWORD
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE ROLE presync_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE presync_run LOGIN PASSWORD :'run_password';
CREATE DATABASE airflow OWNER airflow;
CREATE DATABASE presync OWNER presync_owner;
REVOKE ALL ON DATABASE airflow, presync FROM PUBLIC;
GRANT CONNECT ON DATABASE presync TO presync_run;
