"""Two clocks of a case, one of the body and one of the client, from the times at which something waited.

Calendar days are those of the body's zone; a published time is in working days (`certbody.scheme.working_days`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from certbody.clock import BODY_ZONE


@dataclass(frozen=True)
class Wait:
    """Something waited for the client, from one moment to another; one that still waits has no end."""

    begun: datetime
    ended: datetime | None = None


@dataclass(frozen=True)
class Used:
    """Calendar days that went by while it was the turn of one side; together all days since the case began."""

    body: int
    client: int


@dataclass(frozen=True)
class PublishedTime:
    """A published time of so many working days that runs since a day; that day itself does not count."""

    days: int
    since: date


def day_of(moment: datetime) -> date:
    return moment.astimezone(BODY_ZONE).date()


def days_used(*, opened: datetime, until: datetime, waits: Iterable[Wait]) -> Used:
    """Whose turn each day was: a day belongs to the client when something waited for the client at its end.

    The day on which the case began does not count; the last day ends at `until`.
    """
    first, last = day_of(opened).toordinal(), day_of(until).toordinal()
    of_client: set[int] = set()
    for wait in waits:
        if wait.begun > until:
            continue
        is_over = wait.ended is not None and wait.ended <= until
        end = day_of(wait.ended).toordinal() - 1 if is_over and wait.ended else last
        of_client.update(range(max(day_of(wait.begun).toordinal(), first + 1), min(end, last) + 1))
    return Used(body=max(last - first, 0) - len(of_client), client=len(of_client))


def turn_since(*, opened: datetime, waits: Iterable[Wait]) -> tuple[bool, datetime]:
    """Whether it is the client's turn now, and since when it is that side's."""
    known = list(waits)
    waiting = [wait.begun for wait in known if wait.ended is None]
    if waiting:
        return True, min(waiting)
    return False, max((wait.ended for wait in known if wait.ended is not None), default=opened)
