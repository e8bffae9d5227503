"""Nights in which stored files are scanned again, and files of which something will be found."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from certbody.desk.models import Task
from certbody.files import rescans, tasks
from certbody.files.checks import CheckedFile
from certbody.outbox.models import Job
from tests.files.clamd import EICAR
from tests.files.making import picture

CLEAN = b"stream: OK\0"
Scanning = Callable[[Callable[[bytes], bytes]], AbstractContextManager[None]]


def later_infected(name: str = "张三身份证.png") -> CheckedFile:
    """A file that passed the checks of its day."""
    return CheckedFile(name, picture("PNG") + EICAR, "png")


def night() -> None:
    """What the scheduler and the sweeper do, without the mails and previews of the rest of the day."""
    tasks.scan()
    while jobs := list(Job.objects.filter(kind=rescans.SCAN_ON, state="waiting")):
        for job in jobs:
            rescans.scan_on(job)
            Job.objects.filter(pk=job.pk).update(state="done")


def open_tasks(kind: str) -> set[str]:
    return set(Task.objects.filter(kind=kind, closed_at=None).values_list("audience", flat=True))
