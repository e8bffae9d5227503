"""Waking the sweeper through the broker, beside the request: a broker that is down or hangs costs no page a second."""

import logging
import os
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)
MOST_CALLS = 100


def send() -> None:
    """Ask the broker for a sweep; a call that is lost costs only the time until the scheduler's next turn."""
    from certbody.outbox.tasks import sweep  # -- celery's task module imports the sweeper

    sweep.delay()


class Waker:
    """One thread a process that calls the broker; what is asked for again while it waits becomes one call.

    A broker that hangs for long leaves calls behind: each is one that costs only time when it is lost.
    """

    def __init__(self) -> None:
        self._prepare()

    def _prepare(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._calls: dict[str, Callable[[], None]] = {}
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        self.call_soon("sweep", send)

    def call_soon(self, name: str, call: Callable[[], None]) -> None:
        """Have `call` made beside the request; one of the same name that still waits is made once."""
        if self._owner != os.getpid():  # forked: the thread stayed behind
            self._prepare()
        with self._lock:
            if len(self._calls) < MOST_CALLS or name in self._calls:
                self._calls[name] = call
            self._wanted.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._call, name="waker", daemon=True)
                self._thread.start()

    def _call(self) -> None:
        while True:
            self._wanted.wait()
            with self._lock:
                self._wanted.clear()
                calls, self._calls = self._calls, {}
            for name, call in calls.items():
                try:
                    call()
                except Exception:
                    log.warning(
                        "the broker could not be reached for the %s: it is done later without this call",
                        name,
                        exc_info=True,
                    )


waker = Waker()
