# The one image of every Airflow service in docker-compose.yml.
FROM python:3.11-slim-bookworm

# unixodbc: the ODBC driver manager; tdsodbc: FreeTDS, a driver for Microsoft SQL Server
RUN apt-get update \
    && apt-get install -y --no-install-recommends unixodbc tdsodbc tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 50000 --create-home airflow \
    && install -d -o airflow /opt/airflow /var/lib/presync

WORKDIR /opt/presync
COPY requirements.txt ./
RUN pip install --no-cache-dir --compile -r requirements.txt
COPY pyproject.toml ./
COPY plugins plugins
RUN pip install --no-cache-dir --no-deps --editable .
COPY dags dags
COPY expectations expectations
COPY tenants tenants

USER airflow
ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/presync/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/presync/plugins \
    GX_ANALYTICS_ENABLED=false
ENTRYPOINT ["tini", "--"]
CMD ["airflow", "version"]
