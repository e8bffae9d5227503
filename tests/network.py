"""No test speaks to another machine (battery item 30): what is no loopback or Unix socket is refused.

Python's audit events tell of every connection of this process, whichever library begins it; whatever swallows the
refusal fails at the end of its test all the same (loaded by `-p` in pyproject.toml).
"""

import sys
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest

attempts: list[str] = []


class ForeignHostError(RuntimeError):
    """A test, or the product under it, was about to leave the machine."""


def is_of_this_machine(host: Any) -> bool:
    """Whether a host of a socket's address is this machine; no host at all is."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "localhost")
    try:
        return ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return name == "localhost"


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        if not isinstance(address, tuple):  # the path of a Unix socket
            return
        host = address[0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not is_of_this_machine(host):
        attempts.append(f"{event} {host}")
        raise ForeignHostError(f"{event} to {host}")


sys.addaudithook(_watch)


def refuse_attempts() -> None:
    """Fail when somebody tried, and forget it."""
    tried = [*attempts]
    attempts.clear()
    assert not tried, f"This test tried to leave the machine: {tried}"


@pytest.fixture(autouse=True)
def _stay_on_this_machine() -> Iterator[None]:
    yield
    refuse_attempts()
