"""Tells the quality manager of stored files whose bytes are gone or changed, and takes it back when they are well."""

import time
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.roles import Role
from certbody.desk.models import Task
from certbody.desk.services import Audience, close_tasks, open_task, register_kind
from certbody.files.models import StoredFile
from certbody.files.storage import FileChanged, read
from certbody.outbox.models import Job
from certbody.outbox.services import handles, promise_job, wake_after_commit

DAMAGED, CHECK_FROM, CHECK_ONE = "files.damaged", "files.check_from", "files.check_one"
SECONDS_AT_ONCE = 20  # less than the lease of a job
PAUSE = timedelta(seconds=5)  # in which the sweeper sends the mails that wait behind the jobs

register_kind(DAMAGED, _("A stored file is damaged or gone: restore it from the backup"))


def check_file(stored: StoredFile, *, is_known: bool) -> bool:
    """Read a file; open the alarm when it is damaged, close a known one when it is well. True when it is well."""
    try:
        read(stored)
    except FileChanged:
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
    """Promise the check of every stored file; a night's work is a chain of jobs, so that nothing forgets its place."""
    first = StoredFile.objects.order_by("pk").first()
    if first is not None:
        _promise(CHECK_FROM, first)


def alarm_soon(stored: StoredFile) -> None:
    """Promise the check of a file that was just refused."""
    _promise(CHECK_ONE, stored)


def _promise(kind: str, stored: StoredFile, *, not_before: datetime | None = None) -> None:
    with transaction.atomic():
        promise_job(kind=kind, obj=stored, case=stored.case, not_before=not_before)
        wake_after_commit()


def check_from(job: Job) -> None:
    """Check files for less than the lease of a job, then promise the rest."""
    if rest := check_files(start=job.object_id, seconds=SECONDS_AT_ONCE):
        _promise(CHECK_FROM, rest, not_before=clock.now() + PAUSE)


def check_one(job: Job) -> None:
    check_file(StoredFile.objects.select_related("case").get(pk=job.object_id), is_known=True)


def register() -> None:
    handles(CHECK_FROM, check_from)
    handles(CHECK_ONE, check_one)
