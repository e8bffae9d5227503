"""The virus scanner, spoken to in its own words (clamd, INSTREAM); without CERTBODY_CLAMD there is none.

It fails closed: a scanner that is configured and gives no clear answer lets no file pass.
"""

import socket
import struct
import time
from contextlib import closing

from django.conf import settings

from certbody.outages import ServiceDown

LONGEST_CALL = 20  # seconds for one file, from the first byte to the answer
LONGEST_PROBE = 5  # seconds, to learn whether it works at all
PIECE = 256 * 1024
LONGEST_ANSWER = 4096


class ScannerDown(ServiceDown):
    """The scanner that is configured does not answer, or not in a way that says the file is clean."""


def is_configured() -> bool:
    return bool(settings.CERTBODY_CLAMD)


def infection_in(content: bytes) -> str:
    """The name of what the scanner found in these bytes; empty when it found nothing. Raises ScannerDown."""
    pieces = [content[start : start + PIECE] for start in range(0, len(content), PIECE)]
    return _word(_ask(b"zINSTREAM\0", [struct.pack(">I", len(piece)) + piece for piece in pieces]))


def judges() -> bool:
    """Whether the scanner gives a clear word about harmless bytes: one that answers calls may still hang over files."""
    harmless = b"certbody"
    try:
        asked = [struct.pack(">I", len(harmless)) + harmless]
        return _word(_ask(b"zINSTREAM\0", asked, seconds=LONGEST_PROBE)) == ""
    except ScannerDown:
        return False


def _word(answer: str) -> str:
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerDown(answer or "no answer")


def answers() -> bool:
    """Whether the scanner is there; also True when none is configured."""
    try:
        return not is_configured() or _ask(b"zPING\0", [], seconds=2) == "PONG"
    except ScannerDown:
        return False


def _ask(command: bytes, pieces: list[bytes], *, seconds: float = LONGEST_CALL) -> str:
    end = time.monotonic() + seconds
    try:
        with closing(_connection(seconds)) as line:
            for part in [command, *pieces, *([struct.pack(">I", 0)] if pieces else [])]:
                _hurry(line, end)
                line.sendall(part)
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
                _hurry(line, end)
                if not (part := line.recv(LONGEST_ANSWER)):
                    break
                answer += part
    except OSError as fault:
        raise ScannerDown(str(fault)) from fault
    return answer.rstrip(b"\0\n").decode(errors="replace")


def _hurry(line: socket.socket, end: float) -> None:
    """A scanner that answers byte by byte has no more time than one that does not answer."""
    line.settimeout(max(end - time.monotonic(), 0.001))


def _connection(seconds: float) -> socket.socket:
    """`host:port`, or the path of a socket of the machine."""
    address: str = settings.CERTBODY_CLAMD
    if not address.startswith("/"):
        host, _colon, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=seconds)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(seconds)
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line
