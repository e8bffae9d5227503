"""Who may use the one bounded child next: first come, first served, and nobody stands in the queue twice."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class NoTurn(Exception):
    """No turn was given: `own` when another request of the same party has one or waits for one, else `busy`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(eq=False)
class _Ticket:
    party: str


class Turns:
    """One turn at a time; a party has one request at most, so others wait for one of its files and never for ten.

    An empty party is the body itself, which may ask as often as it likes.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[_Ticket] = deque()

    @contextmanager
    def turn(self, party: str, *, longest_wait: float) -> Iterator[None]:
        """Wait for the turn, at most `longest_wait` seconds. Raises NoTurn."""
        ticket = _Ticket(party)
        with self._changed:
            if party and any(waiting.party == party for waiting in self._queue):
                raise NoTurn("own")
            self._queue.append(ticket)
        try:
            with self._changed:
                deadline = time.monotonic() + longest_wait
                while self._queue[0] is not ticket:
                    if not self._changed.wait(deadline - time.monotonic()):
                        raise NoTurn("busy")
            yield
        finally:
            with self._changed:
                self._queue.remove(ticket)
                self._changed.notify_all()
