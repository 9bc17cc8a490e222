"""What is wrong with exceptions files, found before any run needs them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from presync.decisions.answers import refuse_other_answer
from presync.decisions.file import ExceptionsDocument, read_file
from presync.errors import ConfigurationError, TenantFileError
from presync.tenants.model import EXCEPTIONS, Tenant


def file_faults(tenants: Mapping[Path, Tenant]) -> list[TenantFileError]:
    """Return what is wrong with the exceptions files beside tenant files, also with those of no tenant."""
    faults = []
    names = {tenant.tenant for tenant in tenants.values()}
    for path in sorted({each for file in tenants for each in file.parent.glob(f"*{EXCEPTIONS}.y*ml")}):
        named = path.stem.removesuffix(EXCEPTIONS)
        try:
            document = read_file(path)
            for tenant in tenants.values():
                if tenant.tenant == named:
                    _refuse_other_answers(path, tenant, document)
            if path.suffix != ".yaml":
                raise TenantFileError(
                    f"{path}:1: name it {path.stem}.yaml, or it is not read", source=path.name
                )
            if named not in names and not (path.parent / f"{named}.yaml").exists():
                raise TenantFileError(
                    f"{path}:1: there is no tenant {named!r} beside it, so nothing in it is ever in force; "
                    "name it after a tenant (the name in its file), or remove it",
                    source=path.name,
                )
        except TenantFileError as fault:
            faults.append(fault)
    return faults


def _refuse_other_answers(path: Path, tenant: Tenant, document: ExceptionsDocument) -> None:
    try:
        for entry in document.answers:
            refuse_other_answer(tenant, entry.given())
    except ConfigurationError as error:
        raise TenantFileError(f"{path}:1: {error.message}", source=path.name) from None
