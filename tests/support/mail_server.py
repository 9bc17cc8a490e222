"""A mail server as a process of its own: `python -m tests.support.mail_server FILE` prints its port.

It appends each message that it is sent to FILE as a line of JSON. Recipients at `refused.test` are refused.
"""

from __future__ import annotations

import json
import socketserver
import sys
from email import message_from_bytes, policy
from pathlib import Path


class _Talk(socketserver.StreamRequestHandler):
    """One connection: as much of SMTP as a client needs to hand over a message."""

    def handle(self) -> None:
        """Answer until the client says goodbye."""
        self._say("220 test")
        recipients: list[str] = []
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "RCPT":
                if "refused.test" in line:
                    self._say("550 no such user")
                    continue
                recipients.append(line.partition(":")[2].strip(" <>"))
            if verb == "DATA":
                self._say("354 go on")
                self._keep(recipients)
            self._say({"EHLO": "250 test", "QUIT": "221 bye"}.get(verb, "250 ok"))
            if verb == "QUIT":
                return

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _keep(self, recipients: list[str]) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        body = message.get_body(("html", "plain"))
        kept = {
            "to": recipients,
            "from": message["From"],
            "subject": message["Subject"],
            "body": body.get_content() if body else "",
        }
        with Path(sys.argv[1]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(kept) + "\n")


if __name__ == "__main__":
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()
