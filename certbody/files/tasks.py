from celery import shared_task

from certbody.files.alarms import check_file, promise_check_of_all
from certbody.files.models import StoredFile
from certbody.files.pieces import collect_old
from certbody.files.rescans import promise_scans
from certbody.files.storage import clear_temporary, collect_orphans


@shared_task(name="files.tidy")
def tidy() -> None:
    collect_orphans()
    clear_temporary()
    collect_old()


@shared_task(name="files.check")
def check() -> None:
    """The nightly check of every stored file."""
    promise_check_of_all()


@shared_task(name="files.scan")
def scan() -> None:
    """Every night: stored files are looked through for malicious software again."""
    promise_scans()


@shared_task(name="files.check_one")
def check_one(pk: str) -> None:
    check_file(StoredFile.objects.select_related("case").get(pk=pk), is_known=True)
