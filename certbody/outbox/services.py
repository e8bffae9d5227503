import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction

from certbody import clock
from certbody.cases.models import Case
from certbody.outbox.leases import held
from certbody.outbox.models import Job, Message
from certbody.outbox.waking import waker


def _sender_host() -> str:
    return str(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2].rstrip("> ") or "localhost"


def promise_message(
    *,
    kind: str,
    obj: models.Model,
    case: Case | None,
    recipient: str,
    language: str,
    context: Mapping[str, Any] | None = None,
    due_on: date | None = None,
) -> Message:
    """Promise one mail inside the caller's transaction; the same promise a second time is the first one."""
    message, _created = Message.objects.get_or_create(
        kind=kind,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        due_on=due_on or clock.today(),
        recipient=recipient,
        defaults={
            "case": case,
            "language": language,
            "context": dict(context or {}),
            "message_id": f"<{secrets.token_hex(16)}@{_sender_host()}>",
            "next_try_at": clock.now(),
        },
    )
    return message


def promise_job(
    *,
    kind: str,
    obj: models.Model,
    case: Case | None,
    due_on: date | None = None,
    recipient: str = "",
    not_before: datetime | None = None,
) -> Job:
    """Promise a piece of slow work inside the caller's transaction; `not_before` lets other work go first."""
    job, _created = Job.objects.get_or_create(
        kind=kind,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        due_on=due_on or clock.today(),
        recipient=recipient,
        defaults={"case": case, "next_try_at": not_before or clock.now()},
    )
    return job


_is_quiet: ContextVar[bool] = ContextVar("bulk work is going on", default=False)


@contextmanager
def quietly() -> Iterator[None]:
    """Bulk work wakes nobody step by step: whoever does it sweeps by himself."""
    token = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(token)


def wake_after_commit() -> None:
    """Wake the sweeper once the present transaction is durable; a lost call costs only time."""
    if not _is_quiet.get():
        transaction.on_commit(waker.wake, robust=True)


def note_progress(job: Job, percent: int) -> None:
    """Say how far a job is, in whole percent; told at once, and only by whoever holds the job."""
    held(job).update(percent=percent)


JobHandler = Callable[[Job], str | None]
_handlers: dict[str, JobHandler] = {}


def handles(kind: str, handler: JobHandler) -> None:
    """Register what keeps a kind of job. It must be safe to repeat and may return the address of its result."""
    _handlers[kind] = handler


def handler_of(kind: str) -> JobHandler:
    return _handlers[kind]
