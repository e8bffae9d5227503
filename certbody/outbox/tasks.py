from celery import shared_task

from certbody.outbox import sweeper


@shared_task(name="outbox.sweep")
def sweep() -> None:
    sweeper.sweep()
