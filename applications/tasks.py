from celery import shared_task

from applications.invoice_jobs import look_after_overdue


@shared_task(name="applications.look_after_overdue")
def overdue() -> None:
    """Every morning: reminders to clients, tasks for finance."""
    look_after_overdue()
