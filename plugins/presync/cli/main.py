"""May the Visma Business - Severa integration be started for a company, and if not, who must change what?

Exit codes: 0 fine (`check`: ready), 1 blocked, 2 error (could not be checked, or a file is broken),
64 wrong usage. Standard output holds the answer, standard error what went wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from presync import __version__, settings
from presync.cli import decisions, history, new_tenant, simulate, tenant_argument
from presync.errors import PresyncError

FINE: Final = 0
BLOCKED: Final = 1
ERROR: Final = 2
WRONG_USAGE: Final = 64
TENANT: Final = "a tenant's name, or its file"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
    except WrongUsageError as error:
        print(f"presync: {error}", file=sys.stderr)
        return WRONG_USAGE
    except PresyncError as error:
        print(f"presync: {error.message}", file=sys.stderr)
        known = "tenant" in options and getattr(options, "known_tenant", True)
        told = isinstance(error, tenant_argument.UnknownTenantError)
        for hint in tenant_argument.hints(options.tenant) if known and not told else ():
            print(f"presync: {hint}", file=sys.stderr)
        return ERROR
    except KeyboardInterrupt:
        print("presync: interrupted; nothing was concluded", file=sys.stderr)
        return 130
    except Exception:
        # Python's own exit code would be 1, which says that something was checked and is blocked
        traceback.print_exc()
        print("presync: this is a fault of Presync; nothing was concluded", file=sys.stderr)
        return ERROR
    return code


class WrongUsageError(Exception):
    """The command line itself makes no sense."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"{self.prog}: {message}; `{self.prog} --help` tells more", file=sys.stderr)
        sys.exit(WRONG_USAGE)


def _parser() -> argparse.ArgumentParser:
    question, _, exit_codes = (__doc__ or "").partition("\n\n")
    parser = _Parser(prog="presync", description=question, epilog=exit_codes)
    parser.add_argument("--version", action="version", version=f"presync {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    new_tenant.add_commands(commands)

    check = commands.add_parser("check", help="check one company through Airflow, in this process")
    check.add_argument("tenant", metavar="TENANT", help=TENANT)
    check.add_argument("--json", action="store_true", help="print verdict.json and nothing else")
    check.add_argument("--start", action="store_true", help="if ready, start the integration (once, ever)")
    check.set_defaults(command=_check)

    validate = commands.add_parser("validate", help="read tenant files and say what is wrong with them")
    validate.add_argument("files", type=Path, nargs="*", metavar="FILE", help="default: all tenant files")
    validate.set_defaults(command=_validate)

    doctor = commands.add_parser("doctor", help="say what of a company can be read and what cannot")
    doctor.add_argument("tenant", metavar="TENANT", help=TENANT)
    doctor.set_defaults(command=_doctor)

    start = commands.add_parser("start", help="settle a start of which nobody knows whether it arrived")
    start.add_argument("tenant", metavar="TENANT", help=TENANT)
    outcome = start.add_mutually_exclusive_group(required=True)
    outcome.add_argument("--confirm", action="store_true", help="it arrived: never call again")
    outcome.add_argument("--reset", action="store_true", help="it did not arrive: the next run may call")
    start.add_argument("--by", required=True, metavar="NAME", help="who found out")
    start.set_defaults(command=_start)

    accept = commands.add_parser(
        "accept-change", help="accept that a table or column has lost most of its content"
    )
    accept.add_argument("tenant", metavar="TENANT", help=TENANT)
    accept.add_argument("table", metavar="TABLE", help="e.g. severa.customers, or severa.customers.number")
    accept.add_argument("--by", required=True, metavar="NAME", help="who accepts it")
    accept.set_defaults(command=_accept_change)

    decisions.add_commands(commands)
    history.add_commands(commands)
    simulate.add_commands(commands)

    migrate = commands.add_parser("migrate", help="make or update the control database's tables")
    migrate.set_defaults(command=_migrate)
    return parser


def _check(options: argparse.Namespace) -> int:
    from presync.cli.check import check, summary

    outcome = check(_file(options.tenant), start=options.start)
    for problem in outcome.problems:
        print(f"presync: {problem}", file=sys.stderr)
    if options.json:
        print(json.dumps(outcome.verdict, ensure_ascii=False, indent=2))
    else:
        print("\n".join(summary(outcome)))
    return outcome.exit_code


def _validate(options: argparse.Namespace) -> int:
    from presync.decisions.file_faults import file_faults
    from presync.tenants.folder import read_files, read_folder

    missing = [str(path) for path in options.files if not path.is_file()]
    if missing:
        raise WrongUsageError(f"{', '.join(missing)}: there is no such tenant file")
    folder = settings.tenants_folder()
    found = read_files(options.files) if options.files else read_folder(folder)
    faults = [*found.faults, *file_faults(found.tenants)]
    for fault in faults:
        print(fault.message)
    for path, tenant in found.tenants.items():
        print(f"{path}: fine: {tenant.tenant}")
    if not found.faults and not found.tenants:
        print(f"{folder} holds no tenant file (*.yaml): no company would be checked")
        return ERROR
    return ERROR if faults else FINE


def _doctor(options: argparse.Namespace) -> int:
    from presync.airflow import in_process
    from presync.cli.doctor import diagnose

    file = _file(options.tenant)
    log = settings.local_data() / "logs" / f"doctor-{file.stem}.log"
    with in_process.output_to(log) as answer, in_process.home(file.absolute()):
        return diagnose(file, answer)


def _file(text: str) -> Path:
    file = tenant_argument.tenant_file(text)
    if file is None:
        raise WrongUsageError(tenant_argument.UnknownTenantError(text).message)
    return file


def _start(options: argparse.Namespace) -> int:
    from presync.control.starts import confirm_start, reset_start

    settle = confirm_start if options.confirm else reset_start
    record = settle(tenant_argument.tenant_name(options.tenant), options.by)
    print(f"the start of {record.tenant} is now {record.state!r}: {record.detail} ({record.who})")
    return FINE


def _accept_change(options: argparse.Namespace) -> int:
    from presync.control.extracts import accept_change

    tenant = tenant_argument.tenant_name(options.tenant)
    system, table = accept_change(tenant, options.table.strip(), by=options.by)
    print(f"{tenant}: the next extract of {system} may find less in {table} (accepted by {options.by})")
    return FINE


def _migrate(options: argparse.Namespace) -> int:
    from presync.control.database import HEAD, transaction

    with transaction():
        print(f"the control database is at version {HEAD}")
    return FINE


if __name__ == "__main__":
    sys.exit(main())
