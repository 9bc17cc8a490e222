"""Forms of our pages: who may send one, from where, and for which state of what they show.

Airflow's session is a cookie, which a browser also sends with a form on somebody else's page. So a form
counts only if it comes from our own origin (what the browser itself says) and carries a seal that only our
page can have given to this user: an HMAC with Airflow's own secret key over user, DAG, time and what the page
showed. Messages that travel in an address are sealed, too: nobody can make our page say anything.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from airflow.configuration import conf
from fastapi import Depends, HTTPException, Request, status
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from presync.errors import ConfigurationError

SEAL: Final = "page"
NOTHING_RECORDED: Final = "Nothing was recorded"
_LARGEST: Final = 16 * 1024 * 1024  # bytes of a form with its file
_PAGE_SECONDS: Final = 12 * 3600
_MESSAGE_SECONDS: Final = 600
_CLOCKS: Final = 60  # seconds by which the clocks of two API servers may differ


@dataclass(frozen=True)
class Seen:
    """What a page showed: the newest entry of the audit trail, and a digest of everything else."""

    entry: int
    state: str


def seal(user: str, dag: str, values: Mapping[str, Any]) -> str:
    """Return values as text that only this user can give back, for this DAG, for some hours."""
    body = json.dumps({**values, "at": int(time.time())}, separators=(",", ":"), sort_keys=True)
    text = base64.urlsafe_b64encode(body.encode()).decode()
    return f"{text}.{_mac(user, dag, text)}"


def unseal(user: str, dag: str, sealed: str, seconds: int) -> Mapping[str, Any] | None:
    """Return what was sealed at most so many seconds ago, or None."""
    text, _, mac = sealed.partition(".")
    if not hmac.compare_digest(mac.encode(), _mac(user, dag, text).encode()):
        return None
    values: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(text))
    return values if -_CLOCKS <= time.time() - int(values["at"]) <= seconds else None


def _mac(user: str, dag: str, text: str) -> str:
    key: str = conf.get("api", "secret_key")
    said = json.dumps(["presync company page", user, dag, text])
    return hmac.new(key.encode(), said.encode(), hashlib.sha256).hexdigest()


def seal_page(user: str, dag: str, seen: Seen) -> str:
    """Return the hidden field of every form on a page."""
    return seal(user, dag, {"entry": seen.entry, "state": seen.state})


def require_page(user: str, dag: str, form: FormData) -> Seen:
    """Return what the page showed that a form comes from. Raises HTTPException 403 if it is not ours."""
    values = unseal(user, dag, str(form.get(SEAL) or ""), _PAGE_SECONDS)
    if values is None or "entry" not in values:
        raise HTTPException(
            status.HTTP_403_FORBIDDEN,
            "Nothing was recorded: this form does not come from the company's page as it was shown to you "
            "today. Open the page again, then decide.",
        )
    return Seen(int(values["entry"]), str(values["state"]))


def seal_message(user: str, dag: str, text: str) -> str:
    """Return a message for the address of the page that is shown next."""
    return seal(user, dag, {"text": text})


def read_message(user: str, dag: str, sealed: str) -> str:
    """Return a message that we sealed for this user moments ago; "" for anything else."""
    values = unseal(user, dag, sealed, _MESSAGE_SECONDS) if sealed else None
    return str(values["text"]) if values and "text" in values else ""


def require_same_origin(request: Request) -> None:
    """Raise HTTPException 403 unless the browser itself says that the form comes from our own pages."""
    origin = urlsplit(request.headers.get("origin") or "").netloc.lower()
    site = request.headers.get("sec-fetch-site", "same-origin")
    ours = {
        request.headers.get("host", "").lower(),
        urlsplit(conf.get("api", "base_url", fallback="") or "").netloc.lower(),
    }
    if not origin or origin not in ours or site != "same-origin":
        raise HTTPException(
            status.HTTP_403_FORBIDDEN,
            "Nothing was recorded: the form was sent from another site than this Airflow. Open the company's "
            "page here. If you did, let Airflow's `[api] base_url` say under which address people reach it.",
        )


async def posted(request: Request) -> FormData:
    """Return the form that was sent, from our own origin and of bounded size."""
    require_same_origin(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            parser = MultiPartParser(request.headers, _bounded(request), max_files=1, max_fields=100)
            return await parser.parse()
        if kind == "application/x-www-form-urlencoded":
            return await FormParser(request.headers, _bounded(request)).parse()
    except MultiPartException as error:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, f"The form is damaged: {error.message}") from None
    raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, "Only the page's own forms are read.")


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _LARGEST:
            raise HTTPException(
                status.HTTP_413_CONTENT_TOO_LARGE,
                f"Nothing was recorded: the form is larger than {_LARGEST // 2**20} MB.",
            )
        yield chunk


Posted = Annotated[FormData, Depends(posted)]


def text_of(form: FormData, name: str) -> str:
    """Return what somebody typed, without blanks around it."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def needed(form: FormData, name: str, what: str) -> str:
    """Return what somebody typed. Raises ConfigurationError if it is missing."""
    value = text_of(form, name)
    if not value:
        raise ConfigurationError(f"nothing was recorded: {what} is missing. Fill it in.", source="company")
    return value


def file_of(form: FormData, name: str) -> UploadFile:
    """Return the file that was sent. Raises ConfigurationError if there is none."""
    value = form.get(name)
    if not isinstance(value, UploadFile) or not value.filename:
        raise ConfigurationError("nothing was recorded: no file was chosen. Choose one.", source="company")
    return value
