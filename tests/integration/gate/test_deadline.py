"""A receiver that keeps its caller waiting for ever, or a way to it that is closed.

Covers: gate/start_request.py, http/clients.py.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from presync.control.starts import IN_FLIGHT
from presync.errors import ConfigurationError, StartNotSentError, StartUnknownError
from presync.gate import webhook
from presync.gate.start_request import StartRequest
from presync.gate.webhook import Webhook, call_webhook

REQUEST = StartRequest("nordlys", "Nordlys AS", "run", "certificate", "key")


@contextmanager
def teasing(start: bytes, again: bytes) -> Iterator[str]:
    """A server that answers with `start` and then with `again`, for ever."""
    listening, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(start)
            while not over.wait(0.05):
                connection.sendall(again)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/start"
    finally:
        over.set()
        thread.join()
        listening.close()


@pytest.mark.parametrize(
    ("start", "again"),
    [(b"HTTP/1.1 200 OK\r\n", b"x: 1\r\n"), (b"", b"HTTP/1.1 102 Processing\r\n\r\n"), (b"", b"H")],
    ids=["headers without end", "102 for ever", "not HTTP"],
)
def test_a_call_that_is_kept_waiting_is_given_up_and_nobody_knows(
    start: bytes, again: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "WHOLE_SECONDS", 0.5)
    with teasing(start, again) as url, pytest.raises(StartUnknownError, match="did not finish its answer"):
        call_webhook(Webhook("hook", url), REQUEST)


def test_the_whole_call_ends_before_a_person_may_settle_it() -> None:
    slowest = webhook.WHOLE_SECONDS + webhook.CONNECT_SECONDS
    assert slowest < IN_FLIGHT.total_seconds() - 30


def test_a_status_that_has_arrived_counts_whatever_follows() -> None:
    with teasing(b"HTTP/1.1 202 Accepted\r\ncontent-length: 9999\r\n\r\n", b"x") as url:
        assert call_webhook(Webhook("hook", url), REQUEST) == "answered 202"


@pytest.mark.parametrize("proxy", ["http://me:hush-hush@127.0.0.1:9", "127.0.0.1:9"])
def test_a_dead_proxy_is_named_and_nothing_was_sent(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(StartNotSentError, match=r"proxy http://127\.0\.0\.1:9 \(HTTPS_PROXY\)") as caught:
        call_webhook(Webhook("hook", "https://receiver.test/start"), REQUEST)
    assert "hush-hush" not in str(caught.value)


@pytest.mark.parametrize("value", ["hush-hush\n", "hush\x00hush", "a\r\nHost: hush"])
def test_a_header_with_a_control_character_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(ConfigurationError, match="X-Api-Key") as caught:
        call_webhook(Webhook("hook", "http://127.0.0.1:9", headers={"X-Api-Key": value}), REQUEST)
    assert "hush" not in str(caught.value)
