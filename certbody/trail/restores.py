"""What a restored copy has lost stands in its own chain, or `verify_trail` calls it a cut tail."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from certbody.trail.checkpoints import Checkpoint, read_checkpoints
from certbody.trail.models import Event
from certbody.trail.services import append, locked_head

RESTORED = "trail.restored"


@dataclass(frozen=True)
class Restore:
    """The events `lost_from` to `lost_to`, both included, signed before `at`, are gone by a recorded restore."""

    sequence: int
    at: datetime
    continues: str
    lost_from: int
    lost_to: int

    def explains(self, checkpoint: Checkpoint) -> bool:
        is_older = checkpoint.at is not None and checkpoint.at <= self.at
        return is_older and self.lost_from <= checkpoint.sequence <= self.lost_to


def restores() -> list[Restore]:
    """Every recorded restore, oldest first."""
    events = Event.objects.filter(name=RESTORED).order_by("sequence")
    return [
        Restore(
            event.sequence, event.at, event.data["continues"], event.data["lost_from"], event.data["lost_to"]
        )
        for event in events
    ]


def unexplained(checkpoints: list[Checkpoint], hashes: dict[int, str]) -> list[Checkpoint]:
    """Those signed checkpoints that neither the chain contains nor a recorded restore explains."""
    known = restores()
    return [
        checkpoint
        for checkpoint in checkpoints
        if checkpoint.signature_holds
        and hashes.get(checkpoint.sequence) != checkpoint.hash
        and not any(restore.explains(checkpoint) for restore in known)
    ]


@transaction.atomic
def record_restore() -> Event | None:
    """Append the event that names the checkpoint which this copy continues and the range that it lost.

    Belongs right after a restore, before anybody works with the copy. Returns nothing when every checkpoint is in the
    chain or explained already.
    """
    head = locked_head()
    checkpoints = read_checkpoints()
    hashes = dict(Event.objects.values_list("sequence", "hash").iterator(chunk_size=2000))
    lost = unexplained(checkpoints, hashes)
    if not lost:
        return None
    first = min(checkpoint.sequence for checkpoint in lost)
    kept = [
        checkpoint
        for checkpoint in checkpoints
        if checkpoint.sequence < first and hashes.get(checkpoint.sequence) == checkpoint.hash
    ]
    return append(
        name=RESTORED,
        obj=head,
        case=None,
        user=None,
        data={
            "continues": kept[-1].name if kept else "",
            "lost_from": kept[-1].sequence + 1 if kept else 1,
            "lost_to": max(checkpoint.sequence for checkpoint in lost),
        },
    )
