from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection, models, transaction

from certbody.outages import is_deadlock

T = TypeVar("T")
MOST_TRIES = 3


def whole(work: Callable[[], T], *, new: models.Model | None = None) -> T:
    """Do `work` in one transaction; one that the database ended to break a deadlock begins again, three times in all.

    Inside another transaction it is done once: only whoever began that can begin it again. `new` is an object that the
    work makes: a rolled back row leaves a key in memory that is taken off before the next try.
    """
    is_new = new is not None and new.pk is None
    for _earlier in range(MOST_TRIES - 1):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as fault:
            if connection.in_atomic_block or not is_deadlock(fault):
                raise
        if new is not None and is_new:
            new.pk, new._state.adding = None, True
    with transaction.atomic():
        return work()
