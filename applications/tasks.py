from celery import shared_task

from applications import expiry


@shared_task(name="applications.watch_documents")
def watch_documents() -> None:
    """Once a day: documents that end soon or have ended become tasks of the client and of the body."""
    expiry.watch()
