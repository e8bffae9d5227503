"""Keeps promises: claims a due row by conditional update under a lease, acts outside any transaction, marks it done.

A process killed between acting and marking repeats the act when the lease ends: delivery is at least once, a mail
keeps its Message-ID.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from certbody import clock
from certbody.accounts.roles import Role
from certbody.desk.services import Audience, close_tasks, open_task, register_kind
from certbody.outages import outage_of
from certbody.outbox.leases import claimed, free, held
from certbody.outbox.models import Job, Message, PromiseState
from certbody.outbox.services import handler_of, wake_after_commit

log = logging.getLogger(__name__)
GIVEN_UP = "outbox.given_up"
register_kind(
    GIVEN_UP,
    _(
        "A mail, a document or a nightly check could not be made: look at the case, if it has one, and tell the "
        "administrator"
    ),
)

LATE = "outbox.late"
register_kind(
    LATE,
    _(
        "A mail, a document or a nightly check has waited for half an hour: ask the administrator what is wrong with "
        "the machine"
    ),
)

LONGEST_SILENCE = timedelta(minutes=30)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
MOST_ATTEMPTS = 12
BATCH = 50
LONGEST_SWEEP = 80  # seconds; the worker ends a task after 120


@dataclass
class Count:
    done: int = 0
    failed: int = 0
    dead: int = 0


def sweep() -> Count:
    """Keep the promises that are due now; jobs before messages, so that a job's mail goes out in the same sweep.

    A sweep ends in good time before the worker would be killed in the middle of a mail; the next one goes on.
    """
    count, end = Count(), time.monotonic() + LONGEST_SWEEP
    for model, act in ((Job, _run), (Message, _send)):
        while rows := _due(model):
            for pk in rows:
                if time.monotonic() > end:
                    wake_after_commit()
                    return count
                _keep(model, pk, act, count)
    return count


def _due(model: type[Job] | type[Message]) -> list[int]:
    now = clock.now()
    waiting = model._default_manager.filter(free(now), state=PromiseState.WAITING, next_try_at__lte=now)
    return list(waiting.order_by("next_try_at", "pk").values_list("pk", flat=True)[:BATCH])


def _keep(
    model: type[Job] | type[Message], pk: int, act: Callable[..., dict[str, Any]], count: Count
) -> None:
    row = claimed(model, pk)
    if row is None:
        return
    if row.attempts > MOST_ATTEMPTS:
        # every attempt counts when it begins, so work that kills its worker ends here too
        _give_up(row, "the process that did this ended each time", count)
        return
    try:
        made = act(row)
    except Exception as fault:
        _postpone(row, fault, count)
        return
    done = {"state": PromiseState.DONE, "done_at": clock.now(), "error": "", "leased_until": None}
    with transaction.atomic():
        count.done += held(row).update(**done, **made)
        if row.error:
            close_tasks(kinds=[LATE], obj=row)


def _postpone(row: Job | Message, fault: Exception, count: Count) -> None:
    log.warning("promise %s %s was not kept", row._meta.model_name, row.pk, exc_info=fault)
    error = f"{type(fault).__name__}: {fault}"[:500]
    later: dict[str, Any] = {"error": error, "leased_until": None}
    if outage_of(fault):
        # the machine failed, not the work: it is tried again soon, for as long as the outage lasts
        later |= {"attempts": row.attempts - 1, "next_try_at": clock.now() + FIRST_PAUSE}
    elif row.attempts >= MOST_ATTEMPTS:
        _give_up(row, error, count)
        return
    else:
        pause = min(FIRST_PAUSE * 2 ** (row.attempts - 1), LONGEST_PAUSE)
        later["next_try_at"] = clock.now() + pause
    postponed = held(row).update(**later)
    count.failed += postponed
    if postponed and outage_of(fault) and row.created_at < clock.now() - LONGEST_SILENCE:
        _tell_quality(LATE, row)


def _give_up(row: Job | Message, error: str, count: Count) -> None:
    """Stop trying and tell people: a promise that nobody keeps is a task of the quality manager."""
    with transaction.atomic():
        if not held(row).update(state=PromiseState.DEAD, error=error, leased_until=None):
            return
        close_tasks(kinds=[LATE], obj=row)
        _tell_quality(GIVEN_UP, row)
    count.failed += 1
    count.dead += 1


def _tell_quality(kind: str, row: Job | Message) -> None:
    path = reverse("desk_case", args=[row.case.reference]) if row.case else reverse("desk")
    open_task(kind=kind, obj=row, case=row.case, to=Audience(role=Role.QUALITY), path=path)


def _run(job: Job) -> dict[str, Any]:
    """Keep a job; returns the columns that tell what came of it."""
    return {"percent": 100, "result": handler_of(job.kind)(job) or ""}


def _send(message: Message) -> dict[str, Any]:
    with override(message.language):
        text = render_to_string(
            f"mail/{message.kind}.txt",
            {**message.context, "case": message.case, "address": settings.CERTBODY_URL, "message": message},
        )
    subject, _separator, body = text.strip().partition("\n")
    mail = EmailMessage(
        subject=" ".join(subject.split()),
        body=body.strip() + "\n",
        to=[message.recipient],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )
    mail.send()
    return {}
