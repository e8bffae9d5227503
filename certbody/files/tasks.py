from celery import shared_task

from certbody.files.storage import collect_orphans


@shared_task(name="files.tidy")
def tidy() -> None:
    collect_orphans()
