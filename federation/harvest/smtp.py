"""The network room's way out for mail: one message, one delivery, TLS verified as everywhere.

The operator names the server, so private addresses are no reason to refuse it (the mail server of a town hall is in its own network).
"""

import os
import platform
import smtplib
import socket
from collections.abc import Sequence
from email.message import Message
from pathlib import Path

from federation.config import MailSettings
from federation.errors import ConfigError, FederationError
from federation.harvest.connection import trust
from federation.log import conceal, masked

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


def password(mail: MailSettings, folder: Path) -> str:
    """The password from the environment variable or file that `[mail]` names; "" where it names none. ConfigError where it is not there
    or empty.
    """
    found = ""
    if mail.password_env:
        found = os.environ.get(mail.password_env, "")
        if not found:
            raise ConfigError("mail-password-missing", field="[mail] password_env", value=mail.password_env)
    elif mail.password_file:
        try:
            found = (folder / mail.password_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError("mail-password-missing", field="[mail] password_file", value=mail.password_file) from error
        if not found:
            raise ConfigError("mail-password-missing", field="[mail] password_file", value=mail.password_file)
    conceal(found)
    return found


def send(mail: MailSettings, message: Message, *, folder: Path, ca_file: str = "") -> list[str]:
    """Delivers a message to the recipients in its To and Cc; tells whom the server refused (others have it). `ca_file` (PEM) is trusted
    beside the system's authorities.

    ConfigError: mail-password-missing, mail-login-open. FederationError "mail-undelivered": nobody has it.
    """
    secret = password(mail, folder)
    if mail.user and mail.security == "none" and mail.server not in ("localhost", "127.0.0.1", "::1"):
        raise ConfigError("mail-login-open", field="[mail] security", value=mail.server)
    port = mail.port or _PORTS[mail.security]
    context = trust(ca_file) if mail.security != "none" else None
    here = platform.node().encode("ascii", "ignore").decode() or "localhost"  # smtplib's own choice asks the name service
    try:
        if mail.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(mail.server, port, here, timeout=mail.timeout, context=context)
        else:
            server = smtplib.SMTP(mail.server, port, here, timeout=mail.timeout)
        with server:
            if mail.security == "starttls":
                server.starttls(context=context)
            if mail.user:
                server.login(mail.user, secret)
            return sorted(server.send_message(message))
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        where = f"{mail.server}:{port}"
        raise FederationError("mail-undelivered", field="[mail]", value=where, detail=_told(error)) from error


def _told(error: Exception) -> str:
    """What a person can act on: the server's own words, else the system's."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return masked("; ".join(sorted({_words(code, text) for code, text in error.recipients.values()})))
    if isinstance(error, smtplib.SMTPResponseException):
        return masked(_words(error.smtp_code, error.smtp_error))
    if isinstance(error, socket.gaierror | TimeoutError | ConnectionError):
        return masked(error.strerror or str(error) or type(error).__name__)
    return masked(str(error) or type(error).__name__)


def _words(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(said.split())}"[:300]


def refused(addresses: Sequence[str]) -> FederationError:
    """What to tell about recipients that the server would not take."""
    return FederationError("mail-recipient-refused", field="[mail]", value=", ".join(addresses))
