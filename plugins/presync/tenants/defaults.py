"""`defaults.yaml` in the folder of tenant files: what its companies share; their own files override it.

A defaults file that cannot be used costs every company of the folder its check: to go on without it would
silently change what applies to them. For the same reason a file that seems to mean it, but has another name,
is refused, never ignored.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from presync.errors import TenantFileError
from presync.tenants.shared import Shared
from presync.tenants.yaml_document import Model, read_mapping, refusal, validated
from presync.tenants.yaml_values import Document

DEFAULTS: Final = "defaults.yaml"
_ALIKE: Final = re.compile(r"(?:copy of )?[^a-z0-9]*defaults?(?![a-z0-9-]|\.schema\.json$)", re.IGNORECASE)
"""Names that mean it: `default.yaml`, `.defaults.yaml`, `defaults.yaml.bak`, `defaults (1).yaml`."""
_READ: Final = re.compile(r"defaults?\.ya?ml", re.IGNORECASE)
"""Those of them that nobody keeps beside the real one as a copy."""
_MERGED: Final = frozenset({"notify", "integration"})
"""Mappings of which a company may override single keys; anything else it overrides as a whole."""


class Defaults(Shared):
    """What the companies of a folder share."""


@dataclass(frozen=True)
class SharedValues:
    """What a folder's defaults file holds, as written; nothing if there is none."""

    path: Path | None = None
    document: Document = field(default_factory=lambda: Document({}))

    @property
    def values(self) -> Mapping[str, Any]:
        """The keys and their values."""
        values: Mapping[str, Any] = self.document.value
        return values


def is_defaults(path: Path) -> bool:
    """Tell whether a file is one of defaults, or means to be.

    >>> is_defaults(Path("Default.yml")), is_defaults(Path("default-as.yaml"))
    (True, False)
    """
    return _READ.fullmatch(path.name) is not None


def read_defaults(folder: Path) -> SharedValues:
    """Return what the tenant files of a folder share. Raises TenantFileError that names all faults."""
    path = folder / DEFAULTS
    named = _named(folder)
    if other := [
        name for name in named if name != DEFAULTS and (DEFAULTS not in named or _READ.fullmatch(name))
    ]:
        reason = (
            f"what all companies share must be in {DEFAULTS}, and this name is so near it that it may be "
            f"meant; rename it to {DEFAULTS}, or remove this file"
        )
        raise refusal(folder / other[0], [(1, "file", reason)])
    if not named:
        return SharedValues()
    document = read_mapping(path, f"of what all companies share, such as `owner: name`; see {_README}")
    validated(path, document, Defaults, document.value)
    return SharedValues(path, document)


_README: Final = "tenants/README.md"


def _named(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if _ALIKE.match(path.name))
    except OSError:  # its files may be readable all the same
        return [DEFAULTS] if os.path.lexists(folder / DEFAULTS) else []


def with_defaults(path: Path, form: str, model: type[Model], shared: SharedValues) -> Model:
    """Read a file over what it shares with others. Raises TenantFileError about faults of this file."""
    document = read_mapping(path, form)
    return validated(path, document, model, merged(shared.values, document.value))


def merged(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is in force of both: `own` counts, also where it says `null`.

    >>> merged({"notify": {"connection": "c", "to": []}, "retries": 1}, {"notify": {"to": ["a@b.no"]}})
    {'notify': {'connection': 'c', 'to': ['a@b.no']}, 'retries': 1}
    """
    values = {**shared, **own}
    for key in _MERGED:
        if isinstance(shared.get(key), dict) and isinstance(own.get(key), dict):
            values[key] = {**shared[key], **own[key]}
    return values


def refused_with(path: Path, fault: TenantFileError) -> TenantFileError:
    """Return why a tenant file is refused together with the defaults file beside it."""
    first, *more = fault.message.splitlines()
    others = f" (and {len(more)} more)" if more else ""
    reason = (
        f"the file of what all companies share is refused, so nobody knows what applies here, and nothing of "
        f"this company is checked until it is corrected: {first}{others}"
    )
    return refusal(path, [(1, "file", reason)])
