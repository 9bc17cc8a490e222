"""The process behind `airflow_child`: calls what it is asked to, one after the other.

It reads requests from standard input and answers each with a line: 0, or 1 if the function raised. When
standard input ends, because the process that asks is gone, it ends at once with everything it has started.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final, NoReturn

_LENGTH: Final = 8


@dataclass(frozen=True)
class Request:
    """A function with its arguments (pickled), the environment, and the folder of what comes of it."""

    folder: Path
    environment: Mapping[str, str]
    work: bytes

    @property
    def log(self) -> Path:
        """What is printed meanwhile."""
        return self.folder / "log"

    @property
    def result(self) -> Path:
        """What the function returns, pickled."""
        return self.folder / "result"

    def message(self) -> bytes:
        """Return the request as the process reads it."""
        body = pickle.dumps(self)
        return len(body).to_bytes(_LENGTH, "big") + body


def main() -> NoReturn:
    """Serve until standard input ends."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what is printed is no answer
    warnings.simplefilter("ignore")  # Airflow's own business
    warnings.filterwarnings("error", module="presync")
    requests: SimpleQueue[Request] = SimpleQueue()
    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    while True:
        os.write(answers, b"%d\n" % _status(requests.get()))


def _read(requests: SimpleQueue[Request]) -> None:
    while size := sys.stdin.buffer.read(_LENGTH):
        requests.put(pickle.loads(sys.stdin.buffer.read(int.from_bytes(size, "big"))))  # noqa: S301
    os.killpg(0, signal.SIGKILL)


def _status(request: Request) -> int:
    os.environ.clear()
    os.environ.update(request.environment)
    with _printing_to(request.log):
        try:
            function, args, kwargs = pickle.loads(request.work)  # noqa: S301 - pytest wrote it
            request.result.write_bytes(pickle.dumps(function(*args, **kwargs)))
        except BaseException:
            traceback.print_exc()
            return 1
        return 0


@contextmanager
def _printing_to(log: Path) -> Iterator[None]:
    saved = [os.dup(number) for number in (1, 2)]
    with log.open("ab") as sink:
        for number in (1, 2):
            os.dup2(sink.fileno(), number)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, descriptor in zip((1, 2), saved, strict=True):
            os.dup2(descriptor, number)
            os.close(descriptor)


if __name__ == "__main__":
    main()
