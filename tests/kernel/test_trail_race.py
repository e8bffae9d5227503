"""Writers at the same time: the trail stays one chain, running numbers stay without gap or double."""

import time
from functools import partial

import pytest
from django.db import DatabaseError, transaction

from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.cases.models import Counter
from certbody.cases.services import next_number, open_case
from certbody.trail.chain import GENESIS, digest
from certbody.trail.models import Event, TrailHead
from certbody.trail.services import append, columns_of
from certbody.trail.verify import chain
from tests.kernel.bench import make_table
from tests.kernel.threads import at_once
from tests.road.people import make_organisation, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

THREADS, EACH = 6, 15


@pytest.fixture(autouse=True)
def _own_checkpoints(tmp_path: object, settings: object) -> None:
    settings.CERTBODY_CHECKPOINTS = tmp_path / "checkpoints"  # type: ignore[attr-defined, operator]


def write(table: ScoringTable, user: User, thread: int) -> int:
    for number in range(EACH):
        with transaction.atomic():
            append(
                name="bench.noted", obj=table, case=None, user=user, data={"thread": thread, "number": number}
            )
    return EACH


def write_naively(table: ScoringTable, user: User, thread: int) -> int:
    """Read the end, add an event, note the new end: what the trail does without the lock on its end."""
    written = 0
    for number in range(EACH):
        head = TrailHead.objects.get(pk=1)
        time.sleep(0.002)
        event = Event(
            sequence=head.sequence + 1,
            at=clock.now(),
            name="bench.noted",
            object_type="body.scoringtable",
            object_id=str(table.pk),
            actor_user=user,
            actor_person=user.person,
            data={"thread": thread, "number": number},
            previous_hash=head.hash,
        )
        event.hash = digest(columns_of(event))
        try:
            event.save(force_insert=True)
        except DatabaseError:
            continue
        TrailHead.objects.update(sequence=event.sequence, hash=event.hash)
        written += 1
    return written


def test_item_48_writers_at_the_same_time_leave_one_chain_without_a_gap() -> None:
    table, user = make_table(), make_user(Role.QUALITY)
    results = at_once([partial(write, table, user, thread) for thread in range(THREADS)])

    assert results == [EACH] * THREADS
    sequences = list(Event.objects.order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, THREADS * EACH + 1))
    assert list(chain()) == []
    for thread in range(THREADS):
        own = Event.objects.filter(data__thread=thread).order_by("sequence")
        assert [event.data["number"] for event in own] == list(range(EACH))


def test_item_48_without_the_lock_events_are_lost_or_the_chain_breaks() -> None:
    """Negative control: if this shows no damage, the test above proves nothing."""
    table, user = make_table(), make_user(Role.QUALITY)
    TrailHead.objects.create(pk=1, sequence=0, hash=GENESIS)
    results = at_once([partial(write_naively, table, user, thread) for thread in range(THREADS)])
    assert results != [EACH] * THREADS or list(chain()) != []


def take() -> list[int]:
    taken = []
    for _number in range(EACH):
        with transaction.atomic():
            taken.append(next_number("bench"))
    return taken


def take_naively() -> list[int]:
    """Read and write back without holding the row."""
    taken = []
    for _number in range(EACH):
        value = Counter.objects.get(name="bench").value + 1
        time.sleep(0.002)
        Counter.objects.filter(name="bench").update(value=value)
        taken.append(value)
    return taken


def numbers_of(results: list[list[int] | Exception]) -> list[int]:
    assert [result for result in results if isinstance(result, Exception)] == []
    return sorted(number for result in results if isinstance(result, list) for number in result)


def test_numbers_taken_at_the_same_time_have_no_gap_and_no_double() -> None:
    """The counter does not exist before: its making is part of the race."""
    assert numbers_of(at_once([take] * THREADS)) == list(range(1, THREADS * EACH + 1))


def test_without_the_lock_numbers_are_given_twice() -> None:
    """Negative control: if this shows no double, the test above proves nothing."""
    Counter.objects.create(name="bench")
    numbers = numbers_of(at_once([take_naively] * THREADS))
    assert len(set(numbers)) < len(numbers)


def take_in_vain() -> None:
    with transaction.atomic():
        next_number("bench")
        raise RuntimeError("the step broke")


def test_a_number_that_was_taken_in_vain_is_given_again() -> None:
    with transaction.atomic():
        first = next_number("bench")
    with pytest.raises(RuntimeError):
        take_in_vain()
    with transaction.atomic():
        assert next_number("bench") == first + 1


def open_cases(owner: User) -> list[str]:
    references = []
    for _number in range(5):
        organisation = make_organisation(owner)
        with transaction.atomic():
            references.append(open_case(organisation=organisation, scheme="gbt27922-2011").reference)
    return references


def test_cases_opened_at_the_same_time_are_numbered_without_gap() -> None:
    year = clock.today().year
    results = at_once([partial(open_cases, make_user()) for _thread in range(THREADS)])
    references = sorted(reference for result in results if isinstance(result, list) for reference in result)
    assert references == [f"{year}-{number:04}" for number in range(1, THREADS * 5 + 1)]
