from celery import shared_task

from certbody.trail.checkpoints import write_checkpoint


@shared_task(name="trail.checkpoint")
def checkpoint() -> None:
    write_checkpoint()
