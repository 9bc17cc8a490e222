"""`presync init`: look at both systems, write the tenant file, say what was found and what is open.

Exit codes: 0 written, and only people's questions are open; 1 written, but something that a look should have
told is open too; 2 nothing was written.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar

from pydantic import ValidationError

from presync.errors import ConfigurationError, PresyncError, TenantFileError
from presync.new_tenant.connections import Connections, default_id
from presync.new_tenant.document.document import document
from presync.new_tenant.document.draft import Draft
from presync.new_tenant.look.facts import Looked
from presync.tenants.model import Tenant, read_tenant
from presync.text.secrecy import log_trace

COMPLETE: Final = 0
INCOMPLETE: Final = 1
T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """What to begin: the tenant's name, the file, and whether an old one or half a look is accepted."""

    tenant: str
    output: Path
    force: bool = False
    partial: bool = False


def refuse_early(request: Request) -> None:
    """Raise ConfigurationError if the file could not be written after the look."""
    output = request.output
    if output.name != f"{request.tenant}.yaml":
        raise ConfigurationError(
            f"{output} is not what the file of {request.tenant} is called, so nobody would find it: name it "
            f"{request.tenant}.yaml"
        )
    if output.exists() and not request.force:
        raise ConfigurationError(
            f"{output} is there already, and may hold answers; nothing was written. Name another file with "
            "`--output`, or replace it with `--force`."
        )
    if not output.parent.is_dir() or output.is_dir():
        raise ConfigurationError(f"{output} cannot be a file: there is no such folder, or it is one itself")


def provisional(request: Request, ids: dict[Any, str]) -> Tenant:
    """Return a tenant of whom nothing is known but the connections. Raises ConfigurationError."""
    try:
        return Tenant.model_validate(
            {
                "tenant": request.tenant,
                "title": request.tenant,
                "visma_business": {"connection": ids["visma_business"]},
                "severa": {"connection": ids["severa"]},
            }
        )
    except ValidationError:
        raise ConfigurationError(
            f"{ids['visma_business']!r} or {ids['severa']!r} cannot be the id of an Airflow connection, so "
            "nothing was looked at. An id has letters, digits and _#!()-.:/ only, at most 250."
        ) from None


def begin(request: Request, found: Connections, out: TextIO) -> int:
    """Look, write and tell; return the exit code. Raises PresyncError if nothing was written."""
    print(f"{request.tenant}: looking at both systems; nothing is changed there", file=out, flush=True)
    looked = look(request, found)
    draft = document(looked, schema=(request.output.parent / "tenant.schema.json").is_file())
    write(request, draft.text)
    for line in summary(request, draft, found):
        print(line, file=out, flush=True)
    return INCOMPLETE if any(question.technical for question in draft.questions) else COMPLETE


def look(request: Request, found: Connections) -> Looked:
    """Look at both systems. Raises ConfigurationError if one cannot be looked at, unless half is accepted."""
    from presync.new_tenant.look.business import look_at_business
    from presync.new_tenant.look.severa import look_at_severa

    tenant = provisional(request, found.ids)
    severa, no_severa = _tried(lambda: look_at_severa(tenant))
    business, no_business = _tried(lambda: look_at_business(tenant, severa))
    failures = [reason for reason in (no_business, no_severa) if reason]
    if failures and (len(failures) == 2 or not request.partial):
        half = (
            "" if len(failures) == 2 else " `--partial` writes the file with the half that can be looked at."
        )
        raise ConfigurationError(f"nothing was written: {' '.join(failures)}{half}")
    named = {
        system: name if name != default_id(system, request.tenant) else None
        for system, name in found.ids.items()
    }
    return Looked(
        tenant=request.tenant,
        on=datetime.now(UTC).date().isoformat(),
        business=business,
        severa=severa,
        business_connection=named["visma_business"],
        severa_connection=named["severa"],
        business_failed=no_business,
        severa_failed=no_severa,
    )


def _tried(ask: Callable[[], T]) -> tuple[T | None, str]:
    try:
        return ask(), ""
    except PresyncError as error:
        return None, error.message
    except Exception as error:  # whatever it is, this system was not looked at to the end
        log_trace(logging.getLogger(__name__), "looking at a system stopped unexpectedly", error)
        return None, f"The look stopped unexpectedly ({type(error).__name__}); see the log."


def write(request: Request, text: str) -> None:
    """Write the file at once or not at all, and only if it can be read as a tenant file."""
    output = request.output
    scratch = output.with_name(f".{output.name}.{os.getpid()}.draft")  # not what a tenant file is called
    try:
        scratch.write_text(text, encoding="utf-8")
        _confirm(scratch)
        if request.force:
            scratch.replace(output)
        else:
            _place(scratch, output)
    except FileExistsError:
        raise ConfigurationError(f"{output} has appeared meanwhile; nothing was written") from None
    except OSError as error:
        raise ConfigurationError(
            f"{output} cannot be written ({error.strerror}); nothing was written"
        ) from None
    finally:
        with suppress(OSError):
            scratch.unlink()


def _place(scratch: Path, output: Path) -> None:
    """Put the file where none is; unlike a rename, this replaces nothing."""
    try:
        os.link(scratch, output)
    except FileExistsError:
        raise
    except OSError:  # shared folders often know no links
        with output.open("xb") as sink:
            sink.write(scratch.read_bytes())


def _confirm(scratch: Path) -> None:
    try:
        read_tenant(scratch)
    except TenantFileError as error:
        raise ConfigurationError(
            "the look led to a file that `presync validate` refuses; nothing was written. This is a fault "
            f"of Presync, please report it: {error.message}"
        ) from None


def summary(request: Request, draft: Draft, found: Connections) -> list[str]:
    """Return what a person should know now."""
    lines = [f"{request.tenant}: {request.output} is written", "", "Found"]
    lines += [f"  - {text}" for text in draft.listed]
    lines += ["", "Left open, in the file with who can answer"]
    lines += [f"  {item.number}. {item.question} ({item.who})" for item in draft.questions]
    if found.exports:
        lines += ["", "The connections that were described are gone now; with the secret instead of …:"]
        lines += [f"  {export}" for export in found.exports]
    technical = [str(item.number) for item in draft.questions if item.technical]
    lines += ["", f"{request.tenant}: {_conclusion(technical)}", "Next"]
    return [*lines, f"  presync doctor {request.output}", f"  presync check {request.output}"]


def _conclusion(technical: list[str]) -> str:
    if technical:
        return (
            f"the look should have answered {', '.join(technical)} and did not: until that is corrected, a "
            "check ends in `error` or `blocked`"
        )
    return (
        "only people can answer what is open; until the five questions are answered, a check says `blocked`"
    )
