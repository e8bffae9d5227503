"""The one source of today and now: commands, the demo and tests can move it, nothing else reads a clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

BODY_ZONE = ZoneInfo("Asia/Shanghai")

_fixed: ContextVar[datetime | None] = ContextVar("fixed_moment", default=None)


def now() -> datetime:
    """The present moment in UTC."""
    return _fixed.get() or datetime.now(UTC)


def today() -> date:
    """The calendar day in the body's zone, Asia/Shanghai: the day on which certificates begin and end."""
    return now().astimezone(BODY_ZONE).date()


@contextmanager
def at(moment: datetime | date) -> Iterator[None]:
    """Let `moment` be the present inside the block; a date means noon of that day in the body's zone."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(12), BODY_ZONE)
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
