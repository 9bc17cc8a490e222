"""Reading a suite's JSON strictly: what a person wrote is what is checked, or the suite is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NoReturn

from presync.errors import SuiteError
from presync.tenants.bounded_file import UnreadableFileError, read_bounded

_SIZE: Final = 4 * 1024 * 1024


def read_suite_json(path: Path) -> dict[str, Any]:
    """Return the object in a suite file.

    Raises SuiteError if the file is not a regular one of a bounded size, if it is not JSON, or if a key is in
    an object twice: JSON readers keep the last one, so that half of what was written would be gone.
    """

    def fault(reason: str) -> SuiteError:
        return SuiteError(f"{path}: {reason}", source=path.stem)

    if not path.exists() and not path.is_symlink():
        raise fault("the suite is missing, so its rules cannot be checked. Restore it from the repository.")
    try:
        content = json.loads(
            read_bounded(path, _SIZE).decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_not_json,
        )
    except UnreadableFileError as error:
        raise fault(f"the suite cannot be read: {error}") from None
    except UnicodeDecodeError:
        raise fault("the suite cannot be read: it is not UTF-8; save it as UTF-8") from None
    except RecursionError:
        raise fault(
            "the suite cannot be read: it is nested too deeply. Restore it from the repository."
        ) from None
    except ValueError as error:
        raise fault(f"the suite cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise fault("a suite is a JSON object with name and expectations")
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key!r} appears twice in one object; remove one of the two")
        found[key] = value
    return found


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON; write a number")
