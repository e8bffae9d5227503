from datetime import datetime

from django.db import models

from certbody.outbox.models import Job, Message, PromiseState


def is_late(since: datetime) -> bool:
    """Whether a promise that was due before `since` still waits untouched: nobody sweeps."""
    late = {"state": PromiseState.WAITING, "next_try_at__lt": since}
    return Job.objects.filter(**late).exists() or Message.objects.filter(**late).exists()


def unfinished_job_of(obj: models.Model) -> Job | None:
    """The newest job about an object that is not done: waiting, under way, or given up."""
    jobs = Job.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))
    return jobs.exclude(state=PromiseState.DONE).order_by("-pk").first()
