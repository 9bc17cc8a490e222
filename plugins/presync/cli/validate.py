"""`presync validate`: reads tenant files and the exceptions files beside them, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from presync import settings
from presync.cli.exit_codes import ERROR, FINE, WrongUsageError
from presync.decisions.file_faults import file_faults
from presync.tenants.folder import read_files, read_folder


def validate(files: Sequence[Path]) -> int:
    """Print what is wrong with the files, or with all tenant files, and return the exit code."""
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        raise WrongUsageError(f"{', '.join(missing)}: there is no such tenant file")
    folder = settings.tenants_folder()
    found = read_files(files) if files else read_folder(folder)
    faults = [*found.faults, *file_faults(found.tenants)]
    for fault in faults:
        print(fault.message)
    for path, tenant in found.tenants.items():
        print(f"{path}: fine: {tenant.tenant}")
    if not found.faults and not found.tenants:
        print(f"{folder} holds no tenant file (*.yaml): no company would be checked")
        return ERROR
    return ERROR if faults else FINE
