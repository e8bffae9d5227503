"""An older copy of the database is a cut tail until its own trail names what it lost (battery item 48)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from certbody import clock, triggers
from certbody.body.preparation import as_owner
from certbody.trail import verify
from certbody.trail.chain import GENESIS, canonical
from certbody.trail.checkpoints import newest_checkpoint, read_checkpoints, write_checkpoint
from certbody.trail.models import Event, TrailHead
from certbody.trail.restores import record_restore
from certbody.trail.services import append
from certbody.trail.snapshot import one_snapshot
from tests.kernel.threads import at_once
from tests.road.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_checkpoints(tmp_path: Path, settings: Any) -> None:
    settings.CERTBODY_CHECKPOINTS = tmp_path / "checkpoints"


def grow(count: int) -> None:
    user = make_user()
    with transaction.atomic():
        for number in range(count):
            append(name=f"bench.{number}", obj=user, case=None, user=user)


def put_back(sequence: int) -> None:
    """The database as it was when the trail ended at `sequence`."""
    with as_owner():
        triggers.drop_all(connection)
        Event.objects.filter(sequence__gt=sequence).delete()
        last = Event.objects.filter(sequence=sequence).first()
        TrailHead.objects.update(sequence=sequence, hash=last.hash if last else GENESIS)
        triggers.create_all(connection)


@pytest.fixture
def restored() -> Iterator[None]:
    """Checkpoints at 3 and at 7; the copy that was put back ends at 5."""
    grow(3)
    write_checkpoint()
    grow(4)
    write_checkpoint()
    put_back(5)
    return


def test_an_old_copy_without_a_recorded_restore_is_a_fault(restored: None) -> None:
    newest = read_checkpoints()[-1]
    assert list(verify.faults()) == [
        f"checkpoint {newest.name}: the trail does not contain sequence 7 with the recorded hash"
    ]
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_trail")
    assert stopped.value.code == 1


def test_a_recorded_restore_names_what_it_continues_and_what_is_lost(
    restored: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("record_restore")
    assert "events 4 to 7 are lost" in capsys.readouterr().out
    event = Event.objects.get(name="trail.restored")
    assert event.data == {"continues": read_checkpoints()[0].name, "lost_from": 4, "lost_to": 7}
    call_command("verify_trail")
    said = capsys.readouterr()
    assert said.out == ""
    assert (
        "Notice: trail_event: sequence 6 records a restore: events 4 to 7 of an earlier life are lost"
        in said.err
    )


def test_a_second_recording_finds_nothing_lost(restored: None) -> None:
    record_restore()
    assert record_restore() is None
    assert Event.objects.filter(name="trail.restored").count() == 1


def test_a_restore_explains_no_cut_that_comes_after_it(restored: None) -> None:
    record_restore()
    grow(3)
    with clock.at(clock.now() + timedelta(minutes=1)):
        write_checkpoint()
    later = read_checkpoints()[-1]
    put_back(6)
    assert later.sequence == 9
    assert f"checkpoint {later.name}: the trail does not contain sequence 9" in "\n".join(verify.faults())


def test_the_same_number_in_a_second_life_has_a_checkpoint_of_its_own(restored: None) -> None:
    record_restore()
    grow(1)
    write_checkpoint()
    assert [checkpoint.sequence for checkpoint in read_checkpoints()] == [3, 7, 7]
    assert list(verify.faults()) == []


def test_a_run_without_fault_writes_a_checkpoint_and_a_run_with_faults_writes_none(restored: None) -> None:
    with pytest.raises(SystemExit):
        call_command("verify_trail")
    assert len(read_checkpoints()) == 2
    record_restore()
    call_command("verify_trail")
    assert newest_checkpoint() is not None
    assert newest_checkpoint().hash == TrailHead.objects.get().hash  # type: ignore[union-attr]


def test_anybody_can_check_the_signature_of_the_public_checkpoint(client: Client) -> None:
    grow(2)
    write_checkpoint()
    facts = client.get("/trail/checkpoint.json").json()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(facts.pop("public_key")))
    signature = bytes.fromhex(facts.pop("signature"))
    key.verify(signature, canonical(facts).encode())
    assert facts["hash"] == Event.objects.get(sequence=2).hash
    assert facts["hash"] in client.get("/trail/").text
    with pytest.raises(InvalidSignature):
        key.verify(signature, canonical(facts | {"sequence": 1}).encode())


def test_a_body_without_records_has_no_seal_to_show(client: Client) -> None:
    assert "No record has been sealed yet." in client.get("/trail/").text
    assert "signature" not in client.get("/trail/checkpoint.json").json()


def test_a_forged_newest_checkpoint_is_not_shown(client: Client, settings: Any) -> None:
    grow(2)
    write_checkpoint()
    newest = settings.CERTBODY_CHECKPOINTS / "newest"
    newest.write_text(canonical(json.loads(newest.read_text()) | {"sequence": 99}))
    assert "No record has been sealed yet." in client.get("/trail/").text


@pytest.mark.race
def test_steps_taken_while_the_trail_is_verified_are_no_contradictions() -> None:
    """The twin without the snapshot sees the end of the trail move between two reads."""
    grow(1)

    def ends() -> tuple[int, int]:
        first = TrailHead.objects.get().sequence
        at_once([lambda: grow(2)])
        return first, Event.objects.order_by("-sequence").values_list("sequence", flat=True)[0]

    assert ends() == (1, 3)
    with one_snapshot():
        assert ends() == (3, 3)
    assert TrailHead.objects.get().sequence == 5
