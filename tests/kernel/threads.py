"""Run functions at the same time, each on a database connection of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(functions: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Start all, let them go together, return each one's result or exception in the order given."""
    barrier = threading.Barrier(len(functions))
    results: list[T | Exception] = [RuntimeError("did not run")] * len(functions)

    def run(index: int, function: Callable[[], T]) -> None:
        barrier.wait()
        try:
            results[index] = function()
        except Exception as fault:  # noqa: BLE001  # the caller looks at every outcome
            results[index] = fault
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(index, function)) for index, function in enumerate(functions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
