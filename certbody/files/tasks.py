from celery import shared_task

from certbody.files.alarms import check_file, check_files
from certbody.files.models import StoredFile
from certbody.files.storage import clear_temporary, collect_orphans

SECONDS_AT_ONCE = 60


@shared_task(name="files.tidy")
def tidy() -> None:
    collect_orphans()
    clear_temporary()


@shared_task(name="files.check")
def check(after: str = "") -> None:
    """The nightly check of every stored file, a minute at a time, so that it holds no worker from its other work."""
    if rest := check_files(after=after, seconds=SECONDS_AT_ONCE):
        check.delay(rest)


@shared_task(name="files.check_one")
def check_one(pk: str) -> None:
    check_file(StoredFile.objects.select_related("case").get(pk=pk), is_known=True)
