"""Answers to the five questions: those given beside the tenant file, and what happens when two disagree."""

from __future__ import annotations

from presync.decisions.file import exceptions_file, read_file
from presync.decisions.model import GivenAnswer
from presync.errors import ConfigurationError
from presync.tenants.answers import file_answer
from presync.tenants.model import Tenant


def decided_answers(tenant: Tenant) -> dict[str, str]:
    """Return the answers given by command or in the exceptions file, as text: `all`, `none`, `except:Gr5=1`.

    Raises TenantFileError about a broken file, ConfigurationError if a question is answered in two ways:
    which one would count?
    """
    decided: dict[str, GivenAnswer] = {}
    for given in answers_on_record(tenant):
        refuse_other_answer(tenant, given)
        earlier = decided.setdefault(given.entity, given)
        if earlier.answer != given.answer:
            raise _answered_twice(tenant, earlier, given)
    return {entity: given.answer for entity, given in decided.items()}


def answers_on_record(tenant: Tenant) -> list[GivenAnswer]:
    from presync.decisions.record import given_answers

    document = read_file(exceptions_file(tenant.tenant))
    return [*(entry.given() for entry in document.answers), *given_answers(tenant.tenant)]


def refuse_other_answer(tenant: Tenant, given: GivenAnswer) -> None:
    """Raise ConfigurationError if the tenant file answers a question otherwise than somebody did."""
    in_file = file_answer(tenant, given.entity)
    if in_file is not None and in_file != given.answer:
        raise ConfigurationError(
            f"whether all {given.entity} of tenant {tenant.tenant} transfer is answered twice: the "
            f"tenant file says {in_file!r}, {_origin(given)} {given.answer!r}. Nobody can tell which "
            f"one counts, so nothing is checked. Change `transfer.{given.entity}` in the file, or "
            f"{_way_back(tenant, given)}",
            source=tenant.tenant,
        )


def _answered_twice(tenant: Tenant, first: GivenAnswer, second: GivenAnswer) -> ConfigurationError:
    said = " and ".join(f"{each.answer!r} by {each.by} ({_origin(each)})" for each in (first, second))
    return ConfigurationError(
        f"whether all {first.entity} of tenant {tenant.tenant} transfer is answered twice: {said}. "
        f"Nobody can tell which one counts, so nothing is checked: {_way_back(tenant, second)}",
        source=tenant.tenant,
    )


def _origin(given: GivenAnswer) -> str:
    return "the exceptions file" if given.source == "file" else "the command `presync decide`"


def _way_back(tenant: Tenant, given: GivenAnswer) -> str:
    if given.source == "file":
        return f"take the answer out of {exceptions_file(tenant.tenant).name}"
    return f"take the other answer back: presync decide {tenant.tenant} {given.entity} withdraw --by NAME"
