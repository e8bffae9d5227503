from celery import shared_task

from applications.jobs.invoices import look_after_overdue
from applications.services import expiry


@shared_task(name="applications.look_after_overdue")
def overdue() -> None:
    """Every morning: reminders to clients, tasks for finance."""
    look_after_overdue()


@shared_task(name="applications.watch_documents")
def watch_documents() -> None:
    """Once a day: documents that end soon or have ended become tasks of the client and of the body."""
    expiry.watch()
