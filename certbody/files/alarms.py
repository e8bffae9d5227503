"""Tells the quality manager of stored files whose bytes are gone or changed, and takes it back when they are well."""

import os
import time
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.roles import Role
from certbody.desk.models import Task
from certbody.desk.services import Audience, close_tasks, open_task, register_kind
from certbody.files.models import StoredFile
from certbody.files.storage import FileChanged, private_root, read
from certbody.outbox.models import Job, PromiseState
from certbody.outbox.services import handles, promise_job, wake_after_commit
from certbody.outbox.waking import waker

DAMAGED, CHECK_FROM = "files.damaged", "files.check_from"
SECONDS_AT_ONCE = 20  # less than the lease of a job
PAUSE = timedelta(seconds=5)  # in which the sweeper sends the mails that wait behind the jobs

register_kind(DAMAGED, _("A stored file is damaged or gone: restore it from the backup"))


def storage_answers() -> bool:
    """Whether one unreadable file is that file's fault and not the whole storage's."""
    try:
        with os.scandir(private_root()) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def check_file(stored: StoredFile, *, is_known: bool) -> bool:
    """Read a file; open the alarm when it is damaged, close a known one when it is well. True when it is well.

    Raises what reading raised when the storage as a whole does not answer.
    """
    try:
        read(stored)
    except (FileChanged, OSError):
        if not storage_answers():
            raise
        open_task(
            kind=DAMAGED,
            obj=stored,
            case=stored.case,
            to=Audience(role=Role.QUALITY),
            path=stored.get_absolute_url(),
        )
        return False
    if is_known:
        close_tasks(kinds=[DAMAGED], obj=stored)
    return True


def check_files(*, start: str = "", seconds: float) -> StoredFile | None:
    """Check the files from one id on for so many seconds; return the file to go on with, None at the end."""
    end = time.monotonic() + seconds
    known = set(Task.objects.filter(kind=DAMAGED, closed_at=None).values_list("object_id", flat=True))
    rest = StoredFile.objects.select_related("case").order_by("pk")
    is_first = True
    for stored in (rest.filter(pk__gte=start) if start else rest).iterator(chunk_size=500):
        if not is_first and time.monotonic() > end:
            return stored
        check_file(stored, is_known=str(stored.pk) in known)
        is_first = False
    return None


def promise_check_of_all() -> None:
    """Promise the check of every stored file: a chain of jobs, so that nothing forgets how far it came."""
    is_under_way = Job.objects.filter(kind=CHECK_FROM, state=PromiseState.WAITING).exists()
    first = StoredFile.objects.order_by("pk").first()
    if first is not None and not is_under_way:
        _promise_check_from(first)


def _promise_check_from(stored: StoredFile, *, not_before: datetime | None = None) -> None:
    with transaction.atomic():
        promise_job(kind=CHECK_FROM, obj=stored, case=None, not_before=not_before)
        wake_after_commit()


def check_from(job: Job) -> None:
    """Check files for less than the lease of a job, then promise the rest."""
    if rest := check_files(start=job.object_id, seconds=SECONDS_AT_ONCE):
        _promise_check_from(rest, not_before=clock.now() + PAUSE)


def register() -> None:
    handles(CHECK_FROM, check_from)


def alarm_soon(stored: StoredFile) -> None:
    """Have a file that was just refused checked by the worker; a lost call costs only the hours until the night."""
    waker.call_soon(f"check of {stored.pk}", partial(_ask_for_check, str(stored.pk)))


def _ask_for_check(pk: str) -> None:
    from certbody.files.tasks import check_one  # -- celery's task module imports this one

    check_one.delay(pk)
