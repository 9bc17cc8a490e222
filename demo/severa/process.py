"""Starts the stand-in as a process of its own and stops it, with nothing left behind."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 120


class SeveraProcess:
    """A running stand-in over the folder `data`: `url` is its address, `log` its requests."""

    def __init__(
        self, process: subprocess.Popen[bytes], scratch: tempfile.TemporaryDirectory[str], data: Path
    ) -> None:
        self.data = data
        self._process = process
        self._scratch = scratch
        self.log = Path(scratch.name) / "requests.jsonl"
        self.url = ""

    @property
    def api(self) -> str:
        """The API's base address: the host of an Airflow connection to it."""
        return f"{self.url}/rest-api"

    @property
    def pid(self) -> int:
        """The server's process, which leads a process group of its own."""
        return self._process.pid

    def requests(self, route: str | None = None) -> list[dict[str, Any]]:
        """Return the requests so far (`at, method, path, route, query, client_id, status, faults`)."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        found = [json.loads(line) for line in lines]
        return [line for line in found if route in {None, line["route"]}]

    def stop(self) -> None:
        """End the server; doing so twice does no harm."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is None:
                os.killpg(self._process.pid, sign)
            try:
                self._process.wait(5)
                break
            except subprocess.TimeoutExpired:
                continue
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._scratch.cleanup()

    def wait_until_listening(self) -> None:
        """Read the address that the server prints. Raises RuntimeError if it does not come up."""
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - Popen was asked for a pipe
        deadline, line = time.monotonic() + _PATIENCE, b""
        while not line.endswith(b"\n") and time.monotonic() < deadline:
            if select.select([stdout], [], [], 0.2)[0]:
                part = os.read(stdout.fileno(), 4096)
                line += part
                if not part:
                    break
        word, _, url = line.decode().strip().rpartition(" ")
        if word != "listening on":
            reason = (Path(self._scratch.name) / "stderr").read_text().strip()
            raise RuntimeError(f"the stand-in Severa did not start: {reason or 'no address was printed'}")
        self.url = url

    def __enter__(self) -> Self:
        """Return itself: the server runs already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        self.stop()


def start_severa(
    data_dir: Path | str,
    config: Mapping[str, Any] | None = None,
    *,
    port: int = 0,
    tls: tuple[Path, Path] | None = None,
) -> SeveraProcess:
    """Start the stand-in over `data_dir` with a configuration (see `config.py`) and wait for its address.

    `tls` names certificate and private key: then it speaks https.
    """
    scratch = tempfile.TemporaryDirectory(prefix="severa-")
    folder, data = Path(scratch.name), Path(data_dir).resolve()
    (folder / "config.json").write_text(json.dumps(config or {}))
    command = [
        sys.executable,
        "-m",
        "demo.severa",
        "--data",
        str(data),
        "--port",
        str(port),
    ]
    command += ["--config", str(folder / "config.json"), "--log", str(folder / "requests.jsonl")]
    if tls:
        command += ["--certificate", str(tls[0]), "--key", str(tls[1])]
    with (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [*command, "--exit-with-stdin"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        )
    server = SeveraProcess(process, scratch, data)
    try:
        server.wait_until_listening()
    except BaseException:
        server.stop()
        raise
    return server
