"""Re-derive everything that the trail and its neighbours promise; upper floors register their own checks."""

from collections.abc import Callable, Iterator
from itertools import islice

from django.db import connection

from certbody import triggers
from certbody.trail.chain import GENESIS, digest
from certbody.trail.checkpoints import Checkpoint, read_checkpoints
from certbody.trail.models import Event, TrailHead
from certbody.trail.restores import restores, unexplained
from certbody.trail.services import columns_of
from certbody.trail.snapshot import one_snapshot

Check = Callable[[], Iterator[str]]
MOST_FAULTS = 100

_checks: list[tuple[int, Check]] = []


def register(check: Check, *, order: int = 50) -> None:
    """Register a check that yields one line a fault; data checks have an order below 90, triggers come last."""
    if check not in [known for _order, known in _checks]:
        _checks.append((order, check))


def chain() -> Iterator[str]:
    """Name every event that is changed, missing, swapped or not chained to the one before it.

    The checkpoints are read first: one that is written while this runs is ahead of the snapshot.
    """
    checkpoints = read_checkpoints()
    head = TrailHead.objects.filter(pk=1).first()
    expected_sequence, previous_hash = 1, GENESIS
    hashes: dict[int, str] = {}
    for event in Event.objects.order_by("sequence").iterator(chunk_size=2000):
        while expected_sequence < event.sequence:
            yield f"trail_event: sequence {expected_sequence} is missing"
            expected_sequence += 1
            previous_hash = event.previous_hash
        if event.previous_hash != previous_hash:
            yield f"trail_event {event.pk}: sequence {event.sequence} is not chained to the event before it"
        if digest(columns_of(event)) != event.hash:
            yield f"trail_event {event.pk}: sequence {event.sequence} was changed"
        hashes[event.sequence] = event.hash
        previous_hash = event.hash
        expected_sequence = event.sequence + 1
    yield from _end_of_chain(head, expected_sequence - 1, previous_hash)
    yield from _checkpoints(checkpoints, hashes)


def _end_of_chain(head: TrailHead | None, last: int, last_hash: str) -> Iterator[str]:
    if head is None:
        if last:
            yield "trail_trailhead: the end of the trail is missing"
    elif head.sequence < last:
        yield f"trail_event: sequence {last} lies behind the end of the trail"
    elif (head.sequence, head.hash) != (last, last_hash):
        yield f"trail_trailhead 1: says the trail ends at {head.sequence}, the events end at {last}"


def _checkpoints(checkpoints: list[Checkpoint], hashes: dict[int, str]) -> Iterator[str]:
    for forged in (checkpoint for checkpoint in checkpoints if not checkpoint.signature_holds):
        yield f"checkpoint {forged.name}: its signature does not hold"
    for lost in unexplained(checkpoints, hashes):
        yield f"checkpoint {lost.name}: the trail does not contain sequence {lost.sequence} with the recorded hash"


def trigger_catalogue() -> Iterator[str]:
    for name in triggers.missing(connection):
        yield f"trigger {name}: missing or changed"


def notices() -> Iterator[str]:
    """What is no fault and must be known: every recorded restore with the events that it lost."""
    for restore in restores():
        yield (
            f"trail_event: sequence {restore.sequence} records a restore: "
            f"events {restore.lost_from} to {restore.lost_to} of an earlier life are lost; "
            f"it continues {restore.continues or 'no checkpoint'}"
        )


def faults() -> Iterator[str]:
    """Yield every fault of one moment, data before triggers, at most 100."""
    with one_snapshot():
        yield from islice(_all_faults(), MOST_FAULTS)


def _all_faults() -> Iterator[str]:
    for _order, check in sorted(_checks, key=lambda entry: entry[0]):
        yield from check()
