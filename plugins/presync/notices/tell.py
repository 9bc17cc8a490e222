"""Looks for changes, remembers them, and sends what is to be sent: at once, or once a day."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from presync.control import notices
from presync.control.companies import facts_of
from presync.control.models import Notice
from presync.errors import PresyncError
from presync.notices.events import Known, changes
from presync.notices.message import Message, Told
from presync.tenants.model import Tenant
from presync.tenants.notify import Notify

logger = logging.getLogger(__name__)
DIGEST_HOUR: Final = 6
"""UTC, after which the digest of the 24 hours before is sent."""
FRESH: Final = timedelta(hours=1)
"""Of a company whose file begins to name `notify`, only younger changes are sent."""
_Channel = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Outcome:
    """How many messages were sent, and what went wrong with the others: one text per connection."""

    sent: int
    troubles: tuple[str, ...]


def look(tenants: Collection[Tenant], now: datetime) -> None:
    """Remember everything that is worth telling of these tenants."""
    told = {tenant.tenant: tenant for tenant in tenants if tenant.notify is not None}
    facts = facts_of(told)
    statuses = notices.last_statuses(told)
    appeared = notices.newly_critical(
        {(each.company.tenant, each.company.judged_run) for each in facts if each.company.judged_run}
    )
    found = (
        change
        for each in facts
        for change in changes(
            told[each.company.tenant],
            Known(each, statuses.get(each.company.tenant, ()), appeared.get(each.company.tenant, {})),
            now,
        )
    )
    notices.remember(found, fresh=FRESH)


def deliver(
    tenants: Iterable[Tenant],
    now: datetime,
    *,
    send: Callable[[Notify, Message], None],
    address: Callable[[str], str],
) -> Outcome:
    """Send what is to be sent. `address` returns the address of a tenant's page.

    A message that cannot be sent keeps no other one back, and is tried again the next time.
    """
    by_name = {tenant.tenant: tenant for tenant in tenants}
    sent, troubles = 0, dict[str, None]()
    for notify, group in _messages(notices.pending(), by_name, now):
        mine = set(notices.claim([each.id for each in group]))
        message = _message([each for each in group if each.id in mine], by_name, address)
        if not message.companies:
            continue
        try:
            send(notify, message)
        except Exception as error:
            reason = _reason(notify, error)
            logger.warning("%s", reason)
            troubles[reason] = None
            notices.settle(mine, sent=False, detail=reason)
        else:
            sent += 1
            notices.settle(mine, sent=True, detail="")
    return Outcome(sent, tuple(troubles))


def _messages(
    waiting: Iterable[Notice], tenants: Mapping[str, Tenant], now: datetime
) -> Iterator[tuple[Notify, list[Notice]]]:
    """Yield what belongs into one message: a company's, or in a digest all companies' of one channel."""
    cut = now.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    due = cut if now >= cut else cut - timedelta(days=1)
    groups: dict[tuple[str, _Channel], tuple[Notify, list[Notice]]] = {}
    for notice in waiting:
        tenant = tenants.get(notice.tenant)
        notify = tenant.notify if tenant else None
        if notify is None or (notify.digest and notice.seen_at >= due):
            continue  # the file is refused just now, or names nobody any more, or it is not time yet
        channel = (notify.connection, tuple(notify.to))
        key = ("" if notify.digest else notice.tenant, channel)
        groups.setdefault(key, (notify, []))[1].append(notice)
    yield from groups.values()


def _message(
    group: Iterable[Notice], tenants: Mapping[str, Tenant], address: Callable[[str], str]
) -> Message:
    by_tenant: dict[str, list[Notice]] = {}
    for notice in group:
        by_tenant.setdefault(notice.tenant, []).append(notice)
    return Message(
        [
            Told(tenants[name].title, address(name), theirs, tenants[name].language)
            for name, theirs in sorted(by_tenant.items())
        ]
    )


def _reason(notify: Notify, error: Exception) -> str:
    """Return why a message was not sent; nothing of a foreign error's own text, which may hold anything."""
    if isinstance(error, PresyncError):
        return error.message
    return f"a message through connection {notify.connection!r} was not sent ({type(error).__name__})"
