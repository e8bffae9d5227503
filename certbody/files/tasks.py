from celery import shared_task

from certbody.files.storage import clear_temporary, collect_orphans


@shared_task(name="files.tidy")
def tidy() -> None:
    collect_orphans()
    clear_temporary()
