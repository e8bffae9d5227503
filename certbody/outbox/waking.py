"""Waking the sweeper through the broker, beside the request: a broker that is down or hangs costs no page a second."""

import logging
import os
import threading

log = logging.getLogger(__name__)


def send() -> None:
    """Ask the broker for a sweep; a call that is lost costs only the time until the scheduler's next turn."""
    from certbody.outbox.tasks import sweep  # -- celery's task module imports the sweeper

    try:
        sweep.delay()
    except Exception:
        log.warning(
            "the broker could not be reached; the sweeper will find the work by itself", exc_info=True
        )


class Waker:
    """One thread a process that calls; what is asked for while it waits for the broker becomes one more call."""

    def __init__(self) -> None:
        self._prepare()

    def _prepare(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        if self._owner != os.getpid():  # forked: the thread stayed behind
            self._prepare()
        self._wanted.set()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._call, name="waker", daemon=True)
                self._thread.start()

    def _call(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            send()


waker = Waker()
