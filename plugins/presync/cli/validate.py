"""`presync validate`: reads tenant files and the exceptions files beside them, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from presync import settings
from presync.cli.exit_codes import ERROR, FINE, WrongUsageError
from presync.decisions.file_faults import file_faults
from presync.errors import TenantFileError
from presync.tenants.defaults import is_defaults, read_defaults
from presync.tenants.folder import read_files, read_folder


def validate(files: Sequence[Path]) -> int:
    """Print what is wrong with the files, or with all tenant files, and return the exit code."""
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        raise WrongUsageError(f"{', '.join(missing)}: there is no such tenant file")
    folder = settings.tenants_folder()
    shared = [path for path in files if is_defaults(path)]
    found = read_files(path for path in files if path not in shared) if files else read_folder(folder)
    folders = dict.fromkeys(path.parent for path in files) if files else [folder]
    faults = [*_defaults_faults(folders), *found.faults, *file_faults(found.tenants)]
    for fault in faults:
        print(fault.message)
    for path, tenant in found.tenants.items():
        print(f"{path}: fine: {tenant.tenant}")
    for path in shared if not faults else []:
        print(f"{path}: fine: what the companies of this folder share")
    if not found.faults and not found.tenants and not shared:
        print(f"{folder} holds no tenant file (*.yaml): no company would be checked")
        return ERROR
    return ERROR if faults else FINE


def _defaults_faults(folders: Iterable[Path]) -> Iterator[TenantFileError]:
    for folder in folders:
        try:
            read_defaults(folder if folder.is_dir() else folder.parent)
        except TenantFileError as fault:
            yield fault
