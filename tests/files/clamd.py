"""A virus scanner of our own that speaks the words of clamd: no signatures can be downloaded while tests run."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
Answer = Callable[[bytes], bytes]


def judged(content: bytes) -> bytes:
    return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


def received(line: socket.socket) -> bytes:
    """What a client of INSTREAM sends: pieces with their length before them, ended by a length of nothing."""
    with line.makefile("rb") as file:
        command = file.read(len(b"zPING\0"))
        if command == b"zPING\0":
            return command
        assert command + file.read(len(b"zINSTREAM\0") - len(command)) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack(">I", file.read(4))[0]:
            content += file.read(length)
        return content


@contextmanager
def clamd(answer: Answer, listener: socket.socket) -> Iterator[None]:
    """A scanner of our own; it hangs for as long as `answer` does."""

    def serve() -> None:
        while True:
            try:
                line, _address = listener.accept()
            except OSError:
                return
            with line, suppress(BrokenPipeError):  # whoever waited long enough has hung up
                content = received(line)
                line.sendall(b"PONG\0" if content == b"zPING\0" else answer(content))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(timeout=5)


@pytest.fixture
def scanning(settings: Any, tmp_path: Path) -> Any:
    """Configure a scanner that gives these answers."""

    @contextmanager
    def configured(answer: Answer) -> Iterator[None]:
        settings.CERTBODY_CLAMD = str(tmp_path / f"clamd{len(list(tmp_path.iterdir()))}")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(settings.CERTBODY_CLAMD)
        listener.listen()
        with clamd(answer, listener):
            yield

    return configured
