"""The company page as tests send its forms and read it, and what is on record for it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from presync.control.findings import SeenFinding

PAGE = "/presync/dags/presync__nordlys/company"
BEGAN = datetime(2026, 11, 23, 4, 16, tzinfo=UTC)
SOON = f"{datetime.now(UTC).date() + timedelta(days=30)}"
FOUND = [
    SeenFinding(
        f"customers-code_mismatch-{number:06d}",
        "customers",
        "code_mismatch",
        "critical",
        business_code=str(10000 + number),
        severa_guid=f"00000000-0000-0000-0000-{number:012d}",
        severa_code=str(20000 + number),
        values_digest="v1",
        waivable=True,
    )
    for number in range(30)
]
GROUP = [
    replace(
        FOUND[0],
        finding_id=f"group-{code}-{other}",
        rule="ambiguous_match",
        severity="warning",
        business_code=str(10000 + code),
        severa_guid=f"00000000-0000-0000-0000-{other:012d}",
    )
    for code in (31, 32)
    for other in (31, 32)
]
QUESTION = SeenFinding("0f" * 8, "products", "decision_missing", "critical", values_digest="v1")


def seal(client: httpx.Client) -> str:
    found = re.search(r'name="page" value="([^"]+)"', client.get(PAGE).text)
    assert found
    return html.unescape(found[1])


def send(
    client: httpx.Client,
    action: str,
    form: Mapping[str, Any],
    *,
    page: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Send a form as a browser does that shows the page."""
    data = {**form, "page": seal(client) if page is None else page}
    sent = {"Origin": f"http://{client.base_url.netloc.decode()}", "Sec-Fetch-Site": "same-origin"}
    return client.post(f"{PAGE}/{action}", data=data, headers=sent if headers is None else headers)


def shown(client: httpx.Client, answer: httpx.Response) -> str:
    """Return the text of the page that follows a form that was taken."""
    assert answer.status_code == 303, answer.text[-3000:]
    return plain(client.get(answer.headers["location"]).text)


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


def waiver_of(number: int) -> dict[str, str]:
    return {"finding": FOUND[number].finding_id, "reason": "agreed with Kari", "until": SOON}
