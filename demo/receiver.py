"""A small stand-in for whatever starts the integration: takes a POST, writes it down, answers.

    python -m demo.receiver --port 0 --file calls.jsonl [--answer 202] [--hang] [--close] [--location URL]

prints `listening on http://127.0.0.1:PORT`; each call becomes a JSON line `{path, idempotency_key, body}`
before it is answered. `--hang` never answers, `--close` drops the connection after the call has arrived.
"""

from __future__ import annotations

import argparse
import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Receiver(ThreadingHTTPServer):
    """Records every POST in a file of JSON lines and answers as it is told to."""

    daemon_threads = True

    def __init__(self, port: int, file: Path, answer: int, location: str | None, fault: str | None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer
        self.location = location
        self.fault = fault
        self._file = file
        self._lock = threading.Lock()

    def record(self, call: dict[str, Any]) -> None:
        """Append a call to the file, on disk before it is answered."""
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(call, ensure_ascii=False) + "\n")


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:  # (http.server's own name)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.record(
            {
                "path": self.path,
                "idempotency_key": self.headers.get("Idempotency-Key"),
                "body": _decoded(body),
            }
        )
        if self.server.fault == "hang":
            threading.Event().wait()
        elif self.server.fault == "close":
            self._reset()
        else:
            self._reply()

    def _reset(self) -> None:
        # lingering for no time turns the close into a reset
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _reply(self) -> None:
        answer = b'{"received": true}'
        self.send_response(self.server.answer)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (http.server's own name)
        """Say nothing: the file has it."""


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m demo.receiver", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--file", type=Path, required=True, help="where calls are written, one JSON per line")
    parser.add_argument("--answer", type=int, default=202, metavar="STATUS")
    parser.add_argument("--location", help="sent as Location header, for redirects")
    parser.add_argument("--hang", dest="fault", action="store_const", const="hang")
    parser.add_argument("--close", dest="fault", action="store_const", const="close")
    options = parser.parse_args()
    options.file.parent.mkdir(parents=True, exist_ok=True)
    options.file.touch()
    receiver = Receiver(options.port, options.file, options.answer, options.location, options.fault)
    print(f"listening on http://127.0.0.1:{receiver.server_address[1]}", flush=True)
    try:
        receiver.serve_forever()
    except KeyboardInterrupt:
        receiver.server_close()


if __name__ == "__main__":
    main()
