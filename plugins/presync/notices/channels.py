"""Sends a message through an Airflow connection, with Airflow's own notifier for its type.

| type of the connection | notifier | what is sent |
|---|---|---|
| `smtp` | SmtpNotifier | an e-mail to `to`; the sender is the connection's `from_email` |
| `http` | HttpNotifier's hook | a POST of `{"text", "companies"}` as JSON |
| `apprise` | Apprise, as the connection configures it | the text, to Slack, Teams and others |

Every wait has an end. Raises what the notifier raises, or ConfigurationError.
"""

from __future__ import annotations

from typing import Any, Final

from presync.errors import ConfigurationError, SourceUnavailableError
from presync.http.addresses import require_encryption
from presync.notices.message import Message
from presync.tenants.notify import Notify

SECONDS: Final = 30
_SOURCE: Final = "notify"


def send(notify: Notify, message: Message) -> None:
    """Send a message; returns once the mail server or the service has taken it."""
    connection = _connection(notify.connection)
    if connection.conn_type == "smtp":
        _mail(notify, message)
    elif connection.conn_type in {"http", "https"}:
        _post(connection, message)
    elif connection.conn_type == "apprise":
        _apprise(connection, message)
    else:
        raise ConfigurationError(
            f"the Airflow connection {notify.connection!r} has the type {connection.conn_type!r}, through "
            "which no message can be sent. Use one of type smtp, http or apprise.",
            source=_SOURCE,
        )


def _connection(name: str) -> Any:
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return BaseHook.get_connection(name)
    except AirflowNotFoundException:
        raise ConfigurationError(
            f"there is no Airflow connection {name!r}, so nobody is notified. Create it, or correct "
            "`notify.connection` in the tenant file or in defaults.yaml.",
            source=_SOURCE,
        ) from None


def _mail(notify: Notify, message: Message) -> None:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    if not notify.to:
        raise ConfigurationError(
            f"messages go through the mail server of {notify.connection!r}, and `notify.to` names no "
            "address, so nobody is notified. Add the addresses.",
            source=_SOURCE,
        )
    # not called but asked to notify: a call renders the texts as templates
    SmtpNotifier(
        to=list(notify.to),
        subject=message.subject,
        html_content=message.page,
        smtp_conn_id=notify.connection,
    ).notify({})


def _post(connection: Any, message: Message) -> None:
    from airflow.providers.http.notifications.http import HttpNotifier

    address = str(connection.host or "")
    scheme = address.partition("://")[0] if "://" in address else connection.schema or "http"
    host = address.partition("://")[2] or address
    require_encryption(
        f"{scheme}://{host}", connection.extra_dejson, connection=connection.conn_id, source=_SOURCE
    )
    notifier = HttpNotifier(http_conn_id=connection.conn_id)
    answer = notifier.hook.run(
        json=dict(message.as_dict()), extra_options={"timeout": SECONDS, "allow_redirects": False}
    )
    # the notifier itself takes a redirect for success, or follows it with a GET that loses the message
    if answer.is_redirect:
        raise SourceUnavailableError(
            f"the receiver behind connection {connection.conn_id!r} has moved ({answer.status_code}), so the "
            "message was not taken. Correct the connection's address.",
            source=_SOURCE,
        )


def _apprise(connection: Any, message: Message) -> None:
    """Send by Apprise; Airflow's own notifier does not tell whether anything was sent."""
    import apprise
    from airflow.providers.apprise.hooks.apprise import AppriseHook

    services = apprise.Apprise()
    AppriseHook(apprise_conn_id=connection.conn_id).set_config_from_conn(connection, services)
    if not services.notify(body=message.text, title=message.subject, tag="all"):
        raise SourceUnavailableError(
            f"at least one service of the Apprise connection {connection.conn_id!r} did not take the "
            "message. Check its addresses.",
            source=_SOURCE,
        )
