"""The forms of the company page: every decision that a command takes has one."""

from __future__ import annotations

import re
import warnings

from presync import settings
from presync.cli import decision_commands
from presync.cli.command_line import DECIDE, app
from presync.report.pages.render import TEMPLATES

FORMS = {
    "waive": {"waive"},
    "unwaive": {"unwaive"},
    "decide": {"answer"},
    "confirm-pair": {"pair"},
    "unconfirm-pair": {"unpair"},
    "branches": {"branches"},
    "answer": {"by-hand"},
    "start": {"settle-start"},
    "accept-change": {"accept-change"},
    "accept-systems": {"accept-systems", "withdraw-systems"},
    "accept-database": {"accept-database"},
    "apply": {"apply"},
}
"""Each command that decides, with the forms that do the same."""
NO_DECISION = {"check", "rehearse", "start"}


def actions() -> set[str]:
    """Return what the page's forms may ask for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's API server imports what is deprecated
        from presync.airflow.web.company.actions import ACTIONS
        from presync.airflow.web.company.runs import RUNS
    return {*ACTIONS, *RUNS}


def test_every_decision_that_a_command_takes_has_a_form() -> None:
    assert decision_commands.__doc__  # imported: it has told `app` of its commands
    commands = {each.name for each in app.registered_commands if each.rich_help_panel == DECIDE}
    assert commands == set(FORMS)
    assert set().union(*FORMS.values()) == actions() - NO_DECISION


def test_every_form_is_drawn_and_documented() -> None:
    pages = "".join((TEMPLATES / name).read_text("utf-8") for name in ("company.html", "company_forms.html"))
    assert set(re.findall(r'\bopen\("([a-z-]+)"', pages)) == actions()
    documented = (settings.HOME / "docs/company.md").read_text("utf-8")
    for command in FORMS:
        assert re.search(rf"`(presync )?{command}( --withdraw|`| )|presync {command}\b", documented), command
