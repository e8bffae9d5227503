from datetime import datetime

from certbody.outbox.models import Job, Message, PromiseState


def is_late(since: datetime) -> bool:
    """Whether a promise that was due before `since` still waits untouched: nobody sweeps."""
    late = {"state": PromiseState.WAITING, "next_try_at__lt": since}
    return Job.objects.filter(**late).exists() or Message.objects.filter(**late).exists()
