"""Who holds a promise, and until when: a process that dies gives up what it held when its lease ends."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q

from certbody import clock
from certbody.outbox.models import Job, Message, PromiseState

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Whatever a killed worker left is begun again within a minute: this and one turn of the scheduler. The longest single
# act of a job, drawing one document, ends by itself before that; a job of several acts renews its lease between them.
LEASE = timedelta(seconds=40)
# A mail server may be slow to answer each of a dozen words, and a mail that is sent twice is seen.
LEASE_OF_MAIL = timedelta(seconds=90)


class LeaseLost(Exception):
    """Another sweeper has taken the work over; whoever is late leaves it alone."""


def free(now: datetime) -> Q:
    return Q(leased_until=None) | Q(leased_until__lt=now)


def claimed(model: type[Job] | type[Message], pk: int) -> Job | Message | None:
    """The row, leased by conditional update and counted as an attempt; None when another was faster."""
    now = clock.now()
    lease = now + (LEASE if model is Job else LEASE_OF_MAIL)
    rows = model._default_manager.filter(free(now), pk=pk, state=PromiseState.WAITING)
    if not rows.update(leased_until=lease, attempts=F("attempts") + 1):
        return None
    row = model._default_manager.get(pk=pk)
    row.leased_until = lease
    return row


def held(row: Job | Message) -> "QuerySet[Any]":
    """The row while this lease is its own: whoever comes late does not touch what another has taken over."""
    rows = type(row)._default_manager.filter(pk=row.pk, state=PromiseState.WAITING)
    return rows.filter(leased_until=row.leased_until)


def renew(job: Job) -> None:
    """Hold a job for as long again before its next act. Raises LeaseLost."""
    lease = clock.now() + LEASE
    if not held(job).update(leased_until=lease):
        raise LeaseLost(str(job))
    job.leased_until = lease
