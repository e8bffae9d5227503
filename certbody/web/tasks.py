from datetime import timedelta

from celery import shared_task
from django.core.management import call_command

from certbody import clock
from certbody.web.models import IdempotencyKey

KEPT = timedelta(days=7)


@shared_task(name="web.tidy")
def tidy() -> None:
    """Forget sessions that ended and submissions that no browser sends again."""
    call_command("clearsessions")
    IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT).delete()
