"""`python -m demo.severa --data DIR --port N [--config FILE]`: run the stand-in until it is stopped."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import sys
import threading
from pathlib import Path

import uvicorn

from demo.severa.app import StandIn
from demo.severa.config import Config, ConfigError, load
from demo.severa.delivery import Protocol


def main() -> int:
    """Serve; return 64 for wrong usage, 1 if the port is taken."""
    options = _options()
    try:
        config = load(options.config)
        connection = socket.create_server((options.host, options.port))
        # Connections inherit this; with Nagle's algorithm on, every body waits 40 ms for the headers' ACK.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except ConfigError as error:
        print(f"the configuration cannot be used: {error}", file=sys.stderr)
        return 64
    except OSError as error:
        print(f"cannot listen on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    if options.exit_with_stdin:
        threading.Thread(target=_leave_with_parent, daemon=True).start()
    host, port = connection.getsockname()[:2]
    print(f"listening on {'https' if options.certificate else 'http'}://{host}:{port}", flush=True)
    _serve(options, config, connection)
    return 0


def _serve(options: argparse.Namespace, config: Config, connection: socket.socket) -> None:
    log = options.log or config.log
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(Path(log).open("a", encoding="utf-8")) if log else None
        settings = uvicorn.Config(
            StandIn(options.data, config, sink),
            http=Protocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
            ssl_certfile=options.certificate,
            ssl_keyfile=options.key,
        )
        uvicorn.Server(settings).run(sockets=[connection])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.severa", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the organisation's JSON files")
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one and prints it")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--config", type=Path, help="JSON: clients, limits, faults (see config.py)")
    parser.add_argument("--log", help="append every request to this file as a JSON line")
    parser.add_argument("--certificate", type=Path, help="serve https with this certificate (PEM)")
    parser.add_argument("--key", type=Path, help="the certificate's private key (PEM)")
    parser.add_argument("--exit-with-stdin", action="store_true", help="stop when standard input ends")
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"--data: {options.data} is not a folder")
    return options


def _leave_with_parent() -> None:
    # A parent that dies, however it dies, closes its end of the pipe.
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
