"""Tells the quality manager of stored files whose bytes are gone or changed, and takes it back when they are well."""

import logging
import time

from django.utils.translation import gettext_lazy as _

from certbody.accounts.roles import Role
from certbody.desk.models import Task
from certbody.desk.services import Audience, close_tasks, open_task, register_kind
from certbody.files.models import StoredFile
from certbody.files.storage import FileChanged, read

DAMAGED = "files.damaged"
log = logging.getLogger(__name__)

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


def check_files(*, after: str = "", seconds: float) -> str:
    """Check the files that come after one id for so many seconds; return the id to go on from, empty at the end."""
    end = time.monotonic() + seconds
    known = set(Task.objects.filter(kind=DAMAGED, closed_at=None).values_list("object_id", flat=True))
    rest = StoredFile.objects.select_related("case").order_by("pk")
    for stored in (rest.filter(pk__gt=after) if after else rest).iterator(chunk_size=500):
        check_file(stored, is_known=str(stored.pk) in known)
        if time.monotonic() > end:
            return str(stored.pk)
    return ""


def alarm_soon(stored: StoredFile) -> None:
    """Have a file that was just refused checked by the worker; a lost call costs only the hours until the night."""
    from certbody.files.tasks import check_one  # -- celery's task module imports this one

    try:
        check_one.delay(str(stored.pk))
    except Exception:
        log.warning("the broker could not be reached; the nightly check will tell of the file", exc_info=True)
