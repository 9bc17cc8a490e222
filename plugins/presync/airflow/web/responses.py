"""Answers of the pages: the right type, nothing cached, nothing that turns a name into a script."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from io import BytesIO
from typing import IO, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse

from presync.report.pages.render import render_message, scripts

_TOP: Final = b'<div class="sheet">\n'
_CHUNK: Final = 256 * 1024
_LONGEST_NAME: Final = 255
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILES: Final = re.compile(
    r"[a-z_]+(\.[a-z]{2})?\.html|verdict\.json|[a-z_]+\.(csv|xlsx)|suites/[a-z_]+(\.[a-z]{2})?\.html|validations/[a-z_]+\.json"
    r"|(fixes|transfer)/([a-z_]+/)?[A-Za-z0-9_]+\.(csv|xlsx)"
)


def is_report_file(file: str) -> bool:
    """Tell whether a report can have such a file: nothing else is ever looked for."""
    return len(file) <= _LONGEST_NAME and _FILES.fullmatch(file) is not None


@cache
def security_headers(*, forms: bool = False) -> Mapping[str, str]:
    """Return every answer's headers: only our own scripts run, no other host is asked, no copy kept.

    `forms`: the page has forms for our own address. A browser then has to say where they come from, which it
    does not where no referrer may be sent.
    """
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts())
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    action = "'self'" if forms else "'none'"
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}; img-src data:; "
        f"base-uri 'none'; form-action {action}; frame-ancestors 'self'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin" if forms else "no-referrer",
        "Cache-Control": "no-store",
    }


def with_link(page: IO[bytes], text: str, address: str) -> IO[bytes]:
    """Return a report's page with a link above it; as a file, it has none, for it leads nowhere there."""
    with page:
        content = page.read()
    link = f'<a href="{escape(address)}">{escape(text)}</a>'
    trail = f'<nav class="trail" aria-label="In Airflow">{link}</nav>\n'
    return BytesIO(content.replace(_TOP, _TOP + trail.encode(), 1))


def file_response(stream: IO[bytes], file: str, report: str) -> Response:
    """Return a report's file; lists are offered as downloads whose name says which report they belong to."""
    stem, _, suffix = file.rpartition(".")
    suffix = f".{suffix}"
    headers = dict(security_headers())
    if suffix in {".csv", ".xlsx"}:
        name = f"{report}-{stem.replace('/', '-')}{suffix}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return StreamingResponse(_chunks(stream), headers=headers, media_type=_TYPES[suffix])


def redirect(path: str) -> Response:
    """Return a redirection that is asked for anew every time."""
    return RedirectResponse(path, status_code=302, headers=dict(security_headers()))


def see_other(path: str) -> Response:
    """Return a redirection that shows a page after a form, so that reloading does not send the form again."""
    return RedirectResponse(path, status_code=303, headers=dict(security_headers()))


def page_with_forms(html: str, *, status: int = 200) -> Response:
    """Return a page of our own whose forms may be sent to us."""
    return HTMLResponse(html, status_code=status, headers=dict(security_headers(forms=True)))


def page(html: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a page of our own."""
    return HTMLResponse(html, status_code=status, headers={**security_headers(), **(headers or {})})


def refusal(
    request: Request, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error as a page to a browser, and as JSON to a program; `headers` are the error's own."""
    if wants_page(request):
        return page(render_message(title, [detail]), status=status, headers=headers)
    return JSONResponse(
        {"detail": detail}, status_code=status, headers={**security_headers(), **(headers or {})}
    )


def wants_page(request: Request) -> bool:
    """Tell whether a person's browser is asking."""
    return "text/html" in request.headers.get("accept", "")


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(_CHUNK):
            yield chunk
