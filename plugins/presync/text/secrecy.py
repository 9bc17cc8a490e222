"""Keeps secrets and other programs' texts out of what is stored or shown.

The text of a foreign exception may hold anything: a header, a connection string, a person's name. Its kind
and the place where it was raised are enough to find the cause.
"""

from __future__ import annotations

import base64
import html
import json
import logging
import traceback
from urllib.parse import quote, quote_plus

from presync.errors import PresyncError

_SHORTEST = 4  # what is shorter would mask half of every text


def spellings(secret: str, login: str | None = None) -> set[str]:
    r"""Return how a secret may be written: plain, in JSON, a URL, HTML, Python, base64, basic authentication.

    >>> sorted(spellings('a"b å'))[:3]
    ['IGEiYiDD', 'YSJiIMOl', 'a "b']
    """
    forms = {
        secret,
        secret.strip(),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(secret))[3:-3],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        repr(secret)[1:-1],
        html.escape(secret),
    }
    forms |= {form.lower() for form in (quote(secret, safe=""), quote_plus(secret)) if "%" in form}
    for text in (secret, *([f"{login}:{secret}"] if login is not None else [])):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            coded = encode(text.encode("utf-8", "surrogatepass")).decode()
            forms |= {coded, coded.rstrip("=")}
    return {form for form in forms if len(form) >= _SHORTEST}


def mask(secret: str | None, login: str | None = None) -> None:
    """Have Airflow's logs show a secret as ***, however it is written."""
    from airflow.sdk.log import mask_secret

    for form in sorted(spellings(secret, login)) if secret else ():
        mask_secret(form)


def without(text: str, secret: str, login: str | None = None) -> str:
    """Return a text without a secret, however it is written in there."""
    for form in sorted(spellings(secret, login), key=len, reverse=True):
        text = text.replace(form, "***")
    return text


def trace(error: BaseException) -> str:
    """Return where an error came from, and of which kind each in its chain is; texts only of our own."""
    own = f": {error.message}" if isinstance(error, PresyncError) else ""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = [trace(earlier)] if earlier is not None else []
    lines += traceback.format_tb(error.__traceback__)
    return "".join([*lines, f"{type(error).__qualname__}{own}\n"])


def log_trace(logger: logging.Logger, message: str, error: BaseException) -> None:
    """Write to the log what happened and where an error came from, without texts that are not ours."""
    logger.error("%s\n%s", message, trace(error))
