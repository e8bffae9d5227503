"""What fails outside the product: the database, the disk, a service beside it. This is where it is told from a fault of
our own.

Whoever asks for a page gets 503 or 507 with a sentence, and a promise that meets an outage is tried again soon without
the attempt being counted: work is not to blame for a machine that stands still.
"""

import errno
import sqlite3
from collections.abc import Iterator
from enum import StrEnum

from django.db import InterfaceError, InternalError, OperationalError


class Outage(StrEnum):
    DATABASE = "database"
    STORAGE = "storage"
    NO_ROOM = "no room"
    SERVICE = "service"


class ServiceDown(Exception):
    """A service beside the product, such as the virus scanner, does not answer; what needs it waits for it."""


NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
UNUSABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENFILE, errno.EMFILE})
SQLITE = {
    sqlite3.SQLITE_FULL: Outage.NO_ROOM,
    sqlite3.SQLITE_IOERR: Outage.STORAGE,
    sqlite3.SQLITE_READONLY: Outage.STORAGE,
    sqlite3.SQLITE_CANTOPEN: Outage.STORAGE,
    sqlite3.SQLITE_BUSY: Outage.DATABASE,
    sqlite3.SQLITE_LOCKED: Outage.DATABASE,
    sqlite3.SQLITE_PROTOCOL: Outage.DATABASE,
}
POSTGRES_DISK_FULL = "53100"
POSTGRES_READ_ONLY = "25006"
# connections, transactions that others ended, resources, the operator's hand, locks held too long: a statement that is
# too slow or too large is a fault of ours
POSTGRES_OUTAGES = ("08", "40", "53", "55P03", "57P", "58")
POSTGRES_DEADLOCKS = frozenset({"40P01", "40001"})


def outage_of(fault: BaseException | None) -> Outage | None:
    """Which part of the machine failed; None when the fault is one of the product."""
    return next((kind for one in _causes(fault) if (kind := _kind(one)) is not None), None)


def is_deadlock(fault: BaseException) -> bool:
    """Whether PostgreSQL ended this transaction so that others could go on; doing it again is right."""
    return _state(fault) in POSTGRES_DEADLOCKS


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    while fault is not None:
        yield fault
        fault = fault.__cause__


def _kind(fault: BaseException) -> Outage | None:
    if isinstance(fault, ServiceDown):
        return Outage.SERVICE
    if isinstance(fault, OSError):
        if fault.errno in NO_ROOM:
            return Outage.NO_ROOM
        return Outage.STORAGE if fault.errno in UNUSABLE else None
    if isinstance(fault, InternalError):
        return Outage.DATABASE if _state(fault) == POSTGRES_READ_ONLY else None
    if not isinstance(fault, OperationalError | InterfaceError):
        return None
    if isinstance(fault.__cause__, sqlite3.Error):
        # the low byte is the error; a table that is missing is a fault of ours and stays one
        return SQLITE.get(getattr(fault.__cause__, "sqlite_errorcode", 0) & 0xFF)
    state = _state(fault)
    if state == POSTGRES_DISK_FULL:
        return Outage.NO_ROOM
    return Outage.DATABASE if state is None or state.startswith(POSTGRES_OUTAGES) else None


def _state(fault: BaseException) -> str | None:
    state: str | None = getattr(fault.__cause__, "sqlstate", None)
    return state
