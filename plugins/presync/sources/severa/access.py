"""The Airflow connection to Severa, and nothing else that reads configuration."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from presync.errors import ConfigurationError
from presync.http.addresses import is_loopback, require_encryption
from presync.http.connections import fields_of
from presync.sources.severa.client import SeveraAccess
from presync.tenants.model import Tenant
from presync.text.secrecy import mask
from presync.text.visible import visible


def severa_access(tenant: Tenant) -> SeveraAccess:
    """Read the tenant's connection: host = API base address, login = client id, password = client secret.

    Raises ConfigurationError if there is none or a part is missing.
    """
    connection_id = tenant.connection_id("severa")
    connection = _find(connection_id)
    if connection is None:
        raise ConfigurationError(
            f"There is no Airflow connection {connection_id!r}, or Airflow cannot read its JSON, so Severa "
            f"of {tenant.tenant} cannot be read. Add it (AIRFLOW_CONN_{connection_id.upper()}, Admin > "
            "Connections or the secrets backend): type severa, host = API base address, login = client id, "
            "password = client secret; or name another with `severa: {connection: …}` in the tenant file.",
            source="severa",
        )
    return _access(connection_id, connection)


def severa_write_access(tenant: Tenant) -> SeveraAccess:
    """Read the connection `severa_write__<tenant>`, which looks like the one for reading.

    Raises ConfigurationError if there is none, if a part is missing, or if it is the credential for reading
    or leads to another address.
    """
    connection_id, reading = tenant.write_connection_id, severa_access(tenant)
    connection = _find(connection_id)
    if connection is None:
        raise ConfigurationError(
            f"There is no Airflow connection {connection_id!r}, so nothing can be written to the Severa of "
            f"{tenant.tenant}: reading has a credential of its own, which must not write. To apply "
            "corrections, make an API client in Severa with the scopes that the plan names, and add the "
            "connection: type severa, host = API base address, login = client id, password = client secret.",
            source="apply",
        )
    writing = _access(connection_id, connection)
    if writing.client_id == reading.client_id:
        raise ConfigurationError(
            f"The Airflow connection {connection_id!r} has the client id of the one for reading, so reading "
            f"could write as well. Nothing was written. Make an API client of its own for writing.",
            source="apply",
        )
    if writing.base_url != reading.base_url:
        raise ConfigurationError(
            f"The Airflow connection {connection_id!r} leads to {writing.base_url}, but what was checked was "
            f"read from {reading.base_url}. Nothing was written. Correct its host.",
            source="apply",
        )
    return writing


def _find(connection_id: str) -> Any:
    """Return an Airflow connection, or None if there is none that Airflow can read."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        return None


def _access(connection_id: str, found: Any) -> SeveraAccess:
    connection = fields_of(connection_id, found, source="severa")
    parts = {"host": connection.host, "login": connection.login, "password": connection.password}
    missing = [name for name, value in parts.items() if not value]
    if missing:
        raise ConfigurationError(
            f"The Airflow connection {connection_id!r} has no {', '.join(missing)}. Severa cannot be asked "
            "without: host = API base address, login = client id, password = client secret.",
            source="severa",
        )
    url = base_url(connection.host, connection.port, connection.schema)
    require_encryption(url, connection.extra, connection=connection_id, source="severa")
    login, password = connection.login.strip(), connection.password.strip("\r\n")
    if not (login.isascii() and login.isprintable() and password.isprintable() and login and password):
        raise ConfigurationError(
            f"Login or password of the Airflow connection {connection_id!r} holds a line break, "
            "another control character or, in the login, a letter that no client id has. Nothing was "
            "sent. Enter both again, without the characters that were copied along.",
            source="severa",
        )
    mask(password, login)
    return SeveraAccess(url, login, password)


def base_url(host: str, port: int | None = None, schema: str | None = None) -> str:
    """Return the API's base address without version, from a connection's host, port and schema.

    `schema` is `http`/`https`, or the path if the connection was written as a URI. Without a scheme it is
    https, save on this machine. Raises ConfigurationError for what is no address.

    >>> base_url("api.severa.visma.com")
    'https://api.severa.visma.com/rest-api'
    >>> base_url("http://127.0.0.1:8000/rest-api/v1/")
    'http://127.0.0.1:8000/rest-api'
    >>> base_url("127.0.0.1", 8000, "rest-api")
    'http://127.0.0.1:8000/rest-api'
    """
    schema = (schema or "").strip("/ ")
    scheme = schema if schema in {"http", "https"} else ""
    try:
        url = urlsplit(host.strip() if "://" in host else f"//{host.strip()}")
        name, own_port = url.hostname or "", url.port or port
    except ValueError:
        raise _no_address(host.rpartition("@")[2]) from None
    scheme = url.scheme or scheme or ("http" if is_loopback(name) else "https")
    if not name or scheme not in {"http", "https"} or url.username or url.query or url.fragment:
        raise _no_address(name)
    path = url.path.strip("/") or ("" if schema in {"http", "https"} else schema) or "rest-api"
    if not f"{name}{path}".isascii() or not f"{name}{path}".isprintable() or " " in f"{name}{path}":
        raise _no_address(name)
    parts = path.split("/")
    path = "/".join(parts[:-1] if parts[-1] in {"v1", "v1.0"} else parts)
    shown = f"[{name}]" if ":" in name else name
    return f"{scheme}://{shown}{f':{own_port}' if own_port else ''}/{path}".rstrip("/")


def _no_address(host: str) -> ConfigurationError:
    return ConfigurationError(
        f"The host of Severa's connection ({visible(host[:200])!r}) is not an address the API "
        "can have, so nothing was asked. Enter the base address alone, such as https://api.severa.visma.com/rest-api.",
        source="severa",
    )
