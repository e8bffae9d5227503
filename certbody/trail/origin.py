"""From where the present request comes; kept beside the trail, outside its hash."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    address: str | None
    user_agent: str


_origin: ContextVar[Origin | None] = ContextVar("origin", default=None)


def current_origin() -> Origin | None:
    return _origin.get()


@contextmanager
def origin(address: str | None, user_agent: str) -> Iterator[None]:
    token = _origin.set(Origin(address, user_agent))
    try:
        yield
    finally:
        _origin.reset(token)
