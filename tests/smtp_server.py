"""A small mail server on loopback for tests: it takes mail, speaks STARTTLS or TLS and AUTH PLAIN, and refuses by script.

`with mail_server() as server:` - `server.port`, `server.mails` (what was delivered), `server.refuse = {"MAIL": "451 later"}`.
"""

import base64
import email
import email.policy
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest


@dataclass
class Delivery:
    """One mail as it came: envelope, whether the line was encrypted, who had logged in, the message."""

    sender: str
    recipients: list[str]
    encrypted: bool
    user: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        return str(self.message.get_content())


@dataclass
class MailServer:
    """What is set up and what came. `refuse` maps a command ("MAIL", "RCPT someone@x.example") to the answer that it gets."""

    port: int = 0
    context: ssl.SSLContext | None = None
    implicit: bool = False
    login: tuple[str, str] | None = None
    refuse: dict[str, str] = field(default_factory=dict)
    mails: list[Delivery] = field(default_factory=list)


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: MailServer = self.server.mail  # type: ignore[attr-defined]
        self.user, self.sender, self.recipients, self.encrypted = "", "", [], False
        with suppress(OSError, ssl.SSLError):
            if server.implicit:
                self._encrypt(server)
            self._say("220 loopback ready")
            while line := self.rfile.readline().decode("utf-8", "replace").strip():
                if not self._answer(server, line):
                    return

    def _say(self, *lines: str) -> None:
        for line in lines:
            self.wfile.write(f"{line}\r\n".encode())

    def _encrypt(self, server: MailServer) -> None:
        assert server.context
        self.connection = server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.encrypted = True

    def _answer(self, server: MailServer, line: str) -> bool:
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        address = rest.partition("<")[2].partition(">")[0]
        refused = server.refuse.get(verb) or server.refuse.get(f"{verb} {address}")
        if refused:
            self._say(refused)
        elif verb == "EHLO":
            more = [*(["STARTTLS"] if server.context and not self.encrypted else []), *(["AUTH PLAIN"] if server.login else [])]
            self._say(*(f"250-{one}" for one in ["loopback", *more]), "250 8BITMIME")
        elif verb == "STARTTLS":
            self._say("220 go on")
            self._encrypt(server)
        elif verb == "AUTH":
            self._login(server, rest)
        elif verb == "DATA":
            self._say("354 go on")
            self._take(server)
        elif verb == "QUIT":
            self._say("221 bye")
            return False
        else:
            if verb == "MAIL":
                self.sender, self.recipients = address, []
            elif verb == "RCPT":
                self.recipients.append(address)
            self._say("250 ok" if server.login is None or self.user or verb not in ("MAIL", "RCPT") else "530 log in first")
        return True

    def _login(self, server: MailServer, rest: str) -> None:
        _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
        good = (user, password) == server.login
        self.user = user if good else ""
        self._say("235 welcome" if good else "535 wrong name or password")

    def _take(self, server: MailServer) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        server.mails.append(Delivery(self.sender, list(self.recipients), self.encrypted, self.user, b"".join(lines)))
        self._say("250 taken")


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that does not trust the certificate leaves; that is no fault of the server."""


@contextmanager
def mail_server(
    certificate: tuple[Path, Path] | None = None, *, implicit: bool = False, login: tuple[str, str] | None = None, port: int = 0,
) -> Iterator[MailServer]:  # fmt: skip
    """A running server on 127.0.0.1; with a certificate it offers STARTTLS, or speaks TLS from the start."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    with _Threads(("127.0.0.1", port), _Session) as server:
        mail = MailServer(server.server_address[1], context, implicit, login)
        server.mail = mail  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield mail
        finally:
            server.shutdown()


def made_certificate(folder: Path) -> tuple[Path, Path]:
    """(certificate, key), valid for 127.0.0.1 only; skips where there is no openssl command."""
    key, path = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
               "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(path)]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the openssl command")
    return path, key
