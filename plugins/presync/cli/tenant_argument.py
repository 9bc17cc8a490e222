"""Which tenant a command is about: every command takes the tenant's name or its file."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

from presync import settings
from presync.cli.exit_codes import WrongUsageError
from presync.errors import ConfigurationError
from presync.tenants.folder import read_folder
from presync.tenants.model import Tenant, load_tenant


class UnknownTenantError(ConfigurationError):
    """What somebody typed is neither a tenant file nor a tenant's name."""

    def __init__(self, text: str) -> None:
        folder = settings.tenants_folder()
        super().__init__(
            f"{text!r} is neither a tenant file nor a tenant in {folder} (PRESYNC_TENANTS), so nothing was "
            f"done. Check the name; `presync validate` says which tenants there are.{_meant(text)}",
            source=text,
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (UnknownTenantError, (self.source,))


def tenant_name(text: str) -> str:
    """Return the name of the tenant that somebody typed: its name, or a path of its file.

    A name need not have a file: what is on record of a tenant outlives its file.
    Raises TenantFileError about a broken file, ConfigurationError about one that is not there.
    """
    path = Path(text.strip())
    if path.is_file():
        return load_tenant(path).tenant
    if path.suffix in {".yaml", ".yml"} or os.sep in text:
        raise ConfigurationError(
            f"{text}: there is no such tenant file, so nothing was done. Give the tenant's file or its name.",
            source=text,
        )
    return text.strip().lower()


def tenant_file(text: str) -> Path | None:
    """Return the file of the tenant that somebody typed, readable or not, or None if there is none."""
    path = Path(text.strip())
    if path.is_file():
        return path
    if not text.strip() or path.suffix or os.sep in text:
        return None
    wanted, folder = text.strip().lower(), settings.tenants_folder()
    file = folder / f"{wanted}.yaml" if folder.is_dir() else folder
    return file if file.stem == wanted and os.path.lexists(file) else None


def existing_file(text: str) -> Path:
    """Return the file of the tenant that somebody typed. Raises WrongUsageError if there is none."""
    file = tenant_file(text)
    if file is None:
        raise WrongUsageError(UnknownTenantError(text).message)
    return file


def tenant_of(text: str) -> Tenant:
    """Return the tenant that somebody typed. Raises ConfigurationError if no file can be read of it."""
    file = tenant_file(text)
    if file is not None:
        return load_tenant(file)
    raise UnknownTenantError(text)


def hints(text: str) -> Iterator[str]:
    """Yield what a person should know if a command about a tenant failed that has no file."""
    try:
        name = tenant_name(text)
    except ConfigurationError:
        return
    if name not in _known():
        if tenant_file(text) is None:
            folder = settings.tenants_folder()
            yield f"there is no tenant {name!r} in {folder} (PRESYNC_TENANTS).{_meant(name)}"
        if not os.environ.get("PRESYNC_DATABASE_URL") and "://" not in settings.data_url():
            control = settings.database_url().removeprefix("sqlite:///")
            yield f"what is on record was looked up in {control} (PRESYNC_DATA)"


def _known() -> list[str]:
    return [tenant.tenant for tenant in read_folder(settings.tenants_folder()).tenants.values()]


def _meant(name: str) -> str:
    near = difflib.get_close_matches(name.strip().lower(), _known(), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
