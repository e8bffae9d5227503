"""Keeps promises: claims a due row by conditional update under a lease, acts outside any transaction, marks it done.

A process killed between acting and marking repeats the act when the lease ends: delivery is at least once, a mail
keeps its Message-ID.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import override

from certbody import clock
from certbody.outbox.models import Job, Message, PromiseState
from certbody.outbox.services import handler_of

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
MOST_ATTEMPTS = 12
BATCH = 50


@dataclass
class Count:
    done: int = 0
    failed: int = 0
    dead: int = 0


def sweep() -> Count:
    """Keep every promise that is due now; jobs before messages, so that a job's mail goes out in the same sweep."""
    count = Count()
    for model, act in ((Job, _run), (Message, _send)):
        while rows := _due(model):
            for pk in rows:
                _keep(model, pk, act, count)
    return count


def _due(model: type[Job] | type[Message]) -> list[int]:
    now = clock.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    waiting = model._default_manager.filter(free, state=PromiseState.WAITING, next_try_at__lte=now)
    return list(waiting.order_by("next_try_at", "pk").values_list("pk", flat=True)[:BATCH])


def _keep(model: type[Job] | type[Message], pk: int, act: Callable[..., None], count: Count) -> None:
    now = clock.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    claimed = model._default_manager.filter(free, pk=pk, state=PromiseState.WAITING).update(
        leased_until=now + LEASE
    )
    if not claimed:
        return
    row = model._default_manager.get(pk=pk)
    try:
        act(row)
    except Exception as fault:
        _postpone(row, fault, count)
        return
    row.state, row.done_at, row.error, row.leased_until = PromiseState.DONE, clock.now(), "", None
    row.attempts += 1
    row.save(update_fields=["state", "done_at", "error", "leased_until", "attempts"])
    count.done += 1


def _postpone(row: Job | Message, fault: Exception, count: Count) -> None:
    log.warning("promise %s %s was not kept", row._meta.model_name, row.pk, exc_info=fault)
    row.attempts += 1
    row.error = f"{type(fault).__name__}: {fault}"[:500]
    row.leased_until = None
    row.next_try_at = clock.now() + min(FIRST_PAUSE * 2 ** (row.attempts - 1), LONGEST_PAUSE)
    if row.attempts >= MOST_ATTEMPTS:
        row.state = PromiseState.DEAD
        count.dead += 1
    row.save(update_fields=["attempts", "error", "leased_until", "next_try_at", "state"])
    count.failed += 1


def _run(job: Job) -> None:
    handler_of(job.kind)(job)


def _send(message: Message) -> None:
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
