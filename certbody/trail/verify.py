"""Re-derive everything that the trail and its neighbours promise; upper floors register their own checks."""

from collections.abc import Callable, Iterator

from django.db import connection

from certbody import triggers
from certbody.trail.chain import GENESIS, digest
from certbody.trail.models import Event, TrailHead
from certbody.trail.services import columns_of, read_checkpoints

Check = Callable[[], Iterator[str]]
MOST_FAULTS = 100

_checks: list[tuple[int, Check]] = []


def register(check: Check, *, order: int = 50) -> None:
    """Register a check that yields one line a fault; data checks have an order below 90, triggers come last."""
    if check not in [known for _order, known in _checks]:
        _checks.append((order, check))


def chain() -> Iterator[str]:
    """Name every event that is changed, missing, swapped or not chained to the one before it.

    The end of the chain and the checkpoints are read first and events are judged up to there, so that steps taken
    while this runs are no faults.
    """
    head = TrailHead.objects.filter(pk=1).first()
    checkpoints = read_checkpoints()
    last = head.sequence if head else 0
    expected_sequence, previous_hash = 1, GENESIS
    hashes: dict[int, str] = {}
    events = Event.objects.order_by("sequence")
    for event in (events.filter(sequence__lte=last) if head else events).iterator(chunk_size=2000):
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
        return
    if (head.sequence, head.hash) != (last, last_hash):
        yield f"trail_trailhead 1: says the trail ends at {head.sequence}, the events end at {last}"
    # in this order: a step commits its event together with the new end, so an event is never ahead of it
    newest = Event.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    end = TrailHead.objects.filter(pk=1).values_list("sequence", flat=True).first() or 0
    if newest > end:
        yield f"trail_event: sequence {newest} lies behind the end of the trail"


def _checkpoints(checkpoints: list[tuple[str, int, str, bool]], hashes: dict[int, str]) -> Iterator[str]:
    for name, sequence, expected, signature_holds in checkpoints:
        if not signature_holds:
            yield f"checkpoint {name}: its signature does not hold"
        elif hashes.get(sequence) != expected:
            yield f"checkpoint {name}: the trail does not contain sequence {sequence} with the recorded hash"


def trigger_catalogue() -> Iterator[str]:
    for name in triggers.missing(connection):
        yield f"trigger {name}: missing or changed"


def faults() -> Iterator[str]:
    """Yield every fault, data before triggers, at most 100."""
    count = 0
    for _order, check in sorted(_checks, key=lambda entry: entry[0]):
        for line in check():
            yield line
            count += 1
            if count == MOST_FAULTS:
                return
