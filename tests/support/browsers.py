"""A real browser for tests of pages, and its sessions that are signed in to a server of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from tests.support.airflow_server import AirflowServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def signed_in(
    browser: Browser, airflow: AirflowServer, user: str = "viewer", **context: Any
) -> Iterator[Page]:
    """Open a page whose requests carry a user's session; `viewer` may only look."""
    cookie = {"name": "_token", "value": airflow.token(user), "url": airflow.url}
    with browser.new_context(**context) as opened:
        opened.set_default_timeout(30_000)
        opened.add_cookies([cookie])  # type: ignore[list-item]
        yield opened.new_page()
