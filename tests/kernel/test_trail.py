"""The trail names what was changed, lost or swapped (battery item 48)."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from certbody import triggers
from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.body.preparation import as_owner
from certbody.body.transitions import SCORING_TABLE
from certbody.trail.chain import canonical
from certbody.trail.checkpoints import write_checkpoint
from certbody.trail.models import Event, TrailHead
from certbody.trail.rows import states
from certbody.trail.services import append
from certbody.trail.verify import chain, faults
from certbody.workflow import perform
from tests.kernel.bench import make_table
from tests.road.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_checkpoints(tmp_path: Path, settings: object) -> None:
    settings.CERTBODY_CHECKPOINTS = tmp_path / "checkpoints"  # type: ignore[attr-defined]


@pytest.fixture
def events() -> list[Event]:
    table = make_table()
    user = make_user(Role.QUALITY)
    with transaction.atomic():
        return [
            append(name=f"bench.{number}", obj=table, case=None, user=user, data={"n": number})
            for number in range(6)
        ]


@pytest.fixture
def tampering() -> Iterator[None]:
    """What somebody with the owner's rights can do: take the triggers away and change rows."""
    with as_owner():
        triggers.drop_all(connection)
        yield
        triggers.create_all(connection)


def execute(sql: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_an_untouched_chain_has_no_fault(events: list[Event]) -> None:
    write_checkpoint()
    assert list(chain()) == []


def test_item_48_a_changed_event_is_named(events: list[Event], tampering: None) -> None:
    execute("UPDATE trail_event SET data = %s WHERE id = %s", json.dumps({"n": 99}), events[2].pk)
    assert list(chain()) == [f"trail_event {events[2].pk}: sequence {events[2].sequence} was changed"]


def test_item_48_a_missing_event_is_named(events: list[Event], tampering: None) -> None:
    execute("DELETE FROM trail_event WHERE id = %s", events[2].pk)
    assert list(chain()) == [f"trail_event: sequence {events[2].sequence} is missing"]


def test_item_48_swapped_events_are_named(events: list[Event], tampering: None) -> None:
    first, second = events[1], events[3]
    execute("UPDATE trail_event SET sequence = -1 WHERE id = %s", first.pk)
    execute("UPDATE trail_event SET sequence = %s WHERE id = %s", first.sequence, second.pk)
    execute("UPDATE trail_event SET sequence = %s WHERE id = %s", second.sequence, first.pk)
    found = "\n".join(chain())
    assert f"trail_event {first.pk}: sequence {second.sequence} was changed" in found
    assert f"trail_event {second.pk}: sequence {first.sequence} was changed" in found


def test_item_48_a_cut_tail_is_caught_even_with_a_forged_end(events: list[Event], tampering: None) -> None:
    write_checkpoint()
    execute("DELETE FROM trail_event WHERE id IN (%s, %s)", events[-1].pk, events[-2].pk)
    last = events[-3]
    TrailHead.objects.update(sequence=last.sequence, hash=last.hash)
    assert list(chain()) == [
        (
            f"checkpoint {events[-1].sequence:012}-{events[-1].hash[:12]}.json: the trail does not contain sequence "
            f"{events[-1].sequence} with the recorded hash"
        )
    ]


def test_item_48_a_cut_tail_is_caught_without_a_checkpoint(events: list[Event], tampering: None) -> None:
    execute("DELETE FROM trail_event WHERE id = %s", events[-1].pk)
    assert list(chain()) == [
        f"trail_trailhead 1: says the trail ends at {events[-1].sequence}, the events end at {events[-2].sequence}"
    ]


def test_item_48_a_trail_whose_end_was_taken_away_is_named(events: list[Event], tampering: None) -> None:
    execute("DELETE FROM trail_trailhead")
    assert list(chain()) == ["trail_trailhead: the end of the trail is missing"]


def test_a_body_that_has_done_nothing_yet_has_no_fault_and_no_checkpoint(settings: object) -> None:
    assert not write_checkpoint()
    assert list(chain()) == []
    assert not settings.CERTBODY_CHECKPOINTS.exists()  # type: ignore[attr-defined]


def test_a_chain_that_has_not_grown_gets_no_second_checkpoint(events: list[Event], settings: object) -> None:
    assert write_checkpoint()
    folder = settings.CERTBODY_CHECKPOINTS  # type: ignore[attr-defined]
    written = {path.name: path.read_text() for path in folder.iterdir()}
    assert not write_checkpoint()
    assert {path.name: path.read_text() for path in folder.iterdir()} == written


def test_item_48_a_forged_checkpoint_is_named(events: list[Event], settings: object) -> None:
    write_checkpoint()
    path = next(settings.CERTBODY_CHECKPOINTS.glob("*.json"))  # type: ignore[attr-defined]
    facts = json.loads(path.read_text())
    path.write_text(canonical(facts | {"sequence": 1}))
    assert list(chain()) == [f"checkpoint {path.name}: its signature does not hold"]


def test_item_48_a_rehashed_event_breaks_the_chain_behind_it(events: list[Event], tampering: None) -> None:
    execute("UPDATE trail_event SET hash = %s WHERE id = %s", "f" * 64, events[1].pk)
    found = list(chain())
    assert f"trail_event {events[1].pk}: sequence {events[1].sequence} was changed" in found
    assert (
        f"trail_event {events[2].pk}: sequence {events[2].sequence} is not chained to the event before it"
        in found
    )


def test_missing_triggers_are_named_after_the_data(events: list[Event], tampering: None) -> None:
    execute("UPDATE trail_event SET name = %s WHERE id = %s", "forged", events[0].pk)
    found = list(faults())
    assert "was changed" in found[0]
    assert found[-1].startswith("trigger ")


def test_the_command_exits_with_one_and_prints_each_fault(
    events: list[Event], tampering: None, capsys: pytest.CaptureFixture[str]
) -> None:
    execute("UPDATE trail_event SET name = %s WHERE id = %s", "forged", events[0].pk)
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_trail")
    assert stopped.value.code == 1
    assert f"trail_event {events[0].pk}: sequence {events[0].sequence} was changed" in capsys.readouterr().out


def test_the_trail_keeps_no_float() -> None:
    with pytest.raises(TypeError):
        canonical({"score": 0.1})


def test_the_trail_keeps_dates_as_iso_days() -> None:
    assert canonical({"b": date(2026, 3, 1), "a": [True, None]}) == '{"a":[true,null],"b":"2026-03-01"}'


def test_an_event_behind_the_end_of_the_trail_is_named(events: list[Event], tampering: None) -> None:
    last = events[-2]
    TrailHead.objects.update(sequence=last.sequence, hash=last.hash)
    assert f"trail_event: sequence {events[-1].sequence} lies behind the end of the trail" in list(chain())


def test_a_row_whose_state_was_changed_and_a_row_that_is_gone_are_named(tampering: None) -> None:
    user = make_user(Role.QUALITY)
    changed, gone = (
        perform(SCORING_TABLE.step("begin"), ScoringTable(scheme="gbt27922-2011"), actor=user)
        for _number in range(2)
    )
    execute("UPDATE body_scoringtable SET state = 'retired' WHERE id = %s", changed.pk)
    execute("DELETE FROM body_scoringtable WHERE id = %s", gone.pk)
    found = list(states())
    assert found[0].startswith(f"body_scoringtable {changed.pk}: its state is retired, its last event")
    assert found[1].startswith(f"body_scoringtable {gone.pk}: the row is gone")
