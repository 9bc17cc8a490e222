"""Arguments that commands share: how each is read, described and completed by a shell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from presync.apply.model import WRITABLE
from presync.tenants.defaults import DEFAULTS, is_defaults
from presync.tenants.entities import ENTITIES, Entity
from presync.tenants.model import NAME


@dataclass
class Request:
    """What somebody typed: the action, which returns an exit code, and the tenant it is about."""

    action: Callable[[], int] | None = None
    tenant: str | None = None


def _known_tenants(incomplete: str) -> Iterator[str]:
    """Yield tenants' names for the shell's completion, without reading their files."""
    from presync import settings
    from presync.tenants.model import tenant_files

    try:
        names = [file.stem for file in tenant_files(settings.tenants_folder())]
    except OSError:
        names = []
    yield from (name for name in names if name.startswith(incomplete))


def _remember_any(context: typer.Context, *, tenant: str | None) -> str | None:
    return None if tenant is None else _remember(context, tenant=tenant)


def _remember(context: typer.Context, *, tenant: str) -> str:
    request = context.find_root().obj
    if isinstance(request, Request):
        request.tenant = tenant
    return tenant


def _entity(text: str) -> str:
    name = text.strip().lower()
    if name not in ENTITIES:
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(ENTITIES)}")
    return name


def entities(text: str) -> tuple[Entity, ...]:
    """Return entities as somebody typed them, `customers,projects`, in the usual order."""
    wanted = [name.strip() for name in text.split(",")]
    unknown = [name for name in wanted if name not in ENTITIES]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)} is not one of {', '.join(ENTITIES)}")
    return tuple(entity for entity in ENTITIES if entity in wanted)


def registers(text: str | None) -> tuple[str, ...]:
    """Return registers of Severa as somebody typed them, `customers,projects`; none: all."""
    wanted = tuple(dict.fromkeys(name.strip() for name in text.split(","))) if text is not None else ()
    unknown = [name for name in wanted if name not in WRITABLE]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)} is not one of {', '.join(WRITABLE)}")
    return wanted


def at_most_one_of(flags: Mapping[str, bool]) -> None:
    """Refuse flags that contradict each other."""
    given = [name for name, value in flags.items() if value]
    if len(given) > 1:
        raise typer.BadParameter(f"give one of {' and '.join(given)}, not both")


def day(text: str) -> date:
    """Return a day as somebody typed it."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write it as 2026-12-31") from None


def plan_digest(text: str) -> str:
    """Return the beginning of a plan's digest as somebody typed it."""
    digest = text.strip().lower()
    if not re.fullmatch("[0-9a-f]{12,64}", digest):
        raise typer.BadParameter(
            f"{text!r} is not the digest of a plan; take the one that is printed with it"
        )
    return digest


def new_name(text: str) -> str:
    """Return the name of a tenant that is to be."""
    if not NAME.fullmatch(text) or is_defaults(Path(f"{text}.yaml")):
        raise typer.BadParameter(
            f"{text!r} cannot be a tenant's name: lower-case letters, digits and dashes, at most 50, and "
            f"not that of {DEFAULTS}, which all companies share"
        )
    return text


def one_of(first: str, given: bool, second: str, other: bool) -> None:
    """Refuse two flags that contradict each other, and none of them."""
    if given == other:
        raise typer.BadParameter(f"give one of {first} and {second}" + (", not both" if given else ""))


Tenant = Annotated[
    str,
    typer.Argument(
        metavar="TENANT",
        help="A tenant's name, or its file.",
        callback=_remember,
        autocompletion=_known_tenants,
        show_default=False,
    ),
]
TenantOrAll = Annotated[
    str | None,
    typer.Argument(
        metavar="[TENANT]",
        help="A tenant's name, or its file.",
        callback=_remember_any,
        autocompletion=_known_tenants,
        show_default=False,
    ),
]
EntityName = Annotated[
    str,
    typer.Argument(
        metavar="ENTITY",
        help=f"One of {', '.join(ENTITIES)}.",
        parser=_entity,
        autocompletion=lambda: [*ENTITIES],
    ),
]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Who says so. Default: your operating-system user; the trail tells the two apart.",
        show_default=False,
    ),
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="How you know, or why.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
BusinessCode = Annotated[str, typer.Argument(metavar="BUSINESS_CODE", help="The code in Visma Business.")]
SeveraGuid = Annotated[str, typer.Argument(metavar="SEVERA_GUID", help="The guid in Severa.")]
Finding = Annotated[str, typer.Argument(metavar="FINDING_ID", help="As in findings.csv.", show_default=False)]
