"""Reads the mails that the embedded default writes to files."""

import email
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from django.conf import settings

MOST_MAILS = 50
SEPARATOR = b"-" * 79


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    date: str
    body: str


def mails() -> list[Mail]:
    """The newest mails first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    files = (
        sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
        if folder.exists()
        else []
    )
    found: list[Mail] = []
    for path in files[:MOST_MAILS]:
        found += [_parse(part) for part in reversed(path.read_bytes().split(SEPARATOR)) if part.strip()]
    return found[:MOST_MAILS]


def _parse(raw: bytes) -> Mail:
    message = email.message_from_bytes(raw.strip(), _class=EmailMessage, policy=default)
    body = message.get_body(("plain",))
    return Mail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        date=str(message["Date"]),
        body=body.get_content() if body else "",
    )
