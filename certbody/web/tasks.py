from datetime import timedelta

from allauth.usersessions.models import UserSession
from celery import shared_task
from django.contrib.sessions.models import Session
from django.core.management import call_command

from certbody import clock
from certbody.web.models import IdempotencyKey

KEPT = timedelta(days=7)


@shared_task(name="web.tidy")
def tidy() -> None:
    """Forget sessions that ended, with what was known of them, and submissions that no browser sends again."""
    call_command("clearsessions")
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT).delete()
