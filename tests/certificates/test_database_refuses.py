"""What the web refuses about votes, decisions and certificates, the database refuses too.

By a trigger or, where the table is append-only, by the rights of the application's role on PostgreSQL.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from certbody import clock
from certbody.accounts.roles import Role
from certbody.files.models import Audience, StoredFile
from certbody.files.storage import store
from certbody.trail.models import TrailHead
from certbody.workflow import perform
from certificates.models import Certificate, Decision, Edition, Seat
from certificates.transitions import RECUSE, RESTORE, RETURN, SUSPEND, WITHDRAW
from tests.road.certificates import (
    closed_panel,
    issued_certificate,
    opened_panel,
    released_case,
    reserved_certificate,
    signed_decision,
    taken_decision,
    users_of,
)
from tests.road.people import make_person, make_user

pytestmark = pytest.mark.django_db


def update(row: models.Model, **change: object) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**change)


def delete(row: models.Model) -> None:
    """Past Django, which would refuse because of the rows that point here."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [_key(row)])


def _key(row: models.Model) -> object:
    return row._meta.pk.get_db_prep_value(row.pk, connection) if row._meta.pk else row.pk


@pytest.mark.parametrize("state", ["valid", "suspended", "reserved", "void", "cancelled"])
def test_a_withdrawn_certificate_stays_withdrawn(state: str) -> None:
    certificate = issued_certificate()
    perform(WITHDRAW, certificate, actor=make_user(Role.HEAD), ground="fraud", reason="提供虚假材料")
    with pytest.raises(DatabaseError), transaction.atomic():
        update(certificate, state=state, void_reason="x")


@pytest.mark.parametrize("ended", ["cancelled", "superseded"])
def test_every_other_end_is_final_too(ended: str) -> None:
    certificate = issued_certificate()
    Certificate.objects.filter(pk=certificate.pk).update(state=ended)
    with pytest.raises(DatabaseError), transaction.atomic():
        update(certificate, state="valid")


@pytest.mark.parametrize("state", ["reserved", "void"])
def test_an_issued_number_is_never_reserved_or_void_again(state: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        update(issued_certificate(), state=state, void_reason="x")


def test_grade_and_validity_of_a_certificate_never_change() -> None:
    certificate = issued_certificate()
    with pytest.raises(DatabaseError), transaction.atomic():
        update(certificate, grade="star5")
    with pytest.raises(DatabaseError), transaction.atomic():
        update(certificate, valid_from=certificate.valid_from + timedelta(days=1))
    with pytest.raises(DatabaseError), transaction.atomic():
        update(certificate, case=released_case().case)


@pytest.mark.parametrize("state", ["valid", "suspended", "withdrawn"])
def test_no_certificate_begins_in_another_state_than_reserved(state: str) -> None:
    decision, today = signed_decision(), clock.today()
    forged = Certificate(
        number="FORGED1",
        case=decision.case,
        organisation=decision.case.organisation,
        decision=decision,
        scheme=decision.case.scheme,
        state=state,
        grade=decision.grade,
        cycle=1,
        first_issued_on=today,
        issued_on=today,
        valid_from=today,
        expires_on=today,
    )
    with pytest.raises(IntegrityError, match="begins as a reserved number"), transaction.atomic():
        forged.save()


def test_a_seat_changes_by_a_recusal_only() -> None:
    panel = opened_panel(released_case())
    other = opened_panel(released_case())
    seat = panel.seats.exclude(capacity="chair")[0]
    for change in (
        {"person": make_person()},
        {"panel": other},
        {"capacity": "member", "recusal_reason": "x"},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            update(seat, **change)
    Seat.objects.filter(pk=seat.pk).update(recused_at=clock.now(), recusal_reason="亲属")
    with pytest.raises(DatabaseError), transaction.atomic():
        update(seat, recused_at=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        update(seat, recusal_reason="另一个理由")


def test_a_seat_that_has_voted_is_not_recused_and_a_closed_panel_takes_no_seat() -> None:
    panel = closed_panel(opened_panel(released_case()))
    with pytest.raises(DatabaseError), transaction.atomic():
        update(panel.seats.all()[0], recused_at=clock.now(), recusal_reason="想改主意")
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        Seat.objects.create(panel=panel, person=make_person())


@pytest.mark.parametrize(
    "change", [{"motion_grade": "qualified"}, {"motion_reasons": "x"}, {"quorum": 1}, {"majority": "all"}]
)
def test_the_motion_and_the_rules_of_an_open_vote_never_change(change: dict[str, object]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        update(opened_panel(released_case()), **change)


def test_a_signed_decision_takes_its_letter_once_and_nothing_else() -> None:
    decision = signed_decision(released_case(grade="fail"), outcome="refuse")
    person = make_person()
    authorisation = person.authorisations.create(
        kind="sign", since=clock.today(), until=clock.today(), reference="A-1"
    )
    for change in (
        {"state": "taken"},
        {"state": "returned"},
        {"signed_by": person},
        {"signed_at": clock.now()},
        {"authorisation": authorisation},
        {"reasons": "x"},
        {"return_reason": "x"},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            update(decision, **change)
    first, second = letter(decision, b"1"), letter(decision, b"2")
    Decision.objects.filter(pk=decision.pk).update(letter=first)
    with pytest.raises(DatabaseError), transaction.atomic():
        update(decision, letter=second)
    with pytest.raises(DatabaseError), transaction.atomic():
        update(decision, letter=None)


def letter(decision: Decision, content: bytes) -> StoredFile:
    return store(
        content=b"%PDF-1.7 " + content,
        name="letter.pdf",
        kind="decision-letter",
        case=decision.case,
        audience=Audience.CLIENT,
    )


def test_a_returned_decision_stays_returned() -> None:
    decision = taken_decision(released_case())
    perform(RETURN, decision, actor=make_user(Role.HEAD), reason="理由不充分")
    with pytest.raises(DatabaseError), transaction.atomic():
        update(decision, state="taken")
    with pytest.raises(DatabaseError), transaction.atomic():
        update(decision, return_reason="x")


MADE: dict[str, Callable[[], models.Model]] = {
    "an open panel": lambda: opened_panel(released_case()),
    "a seat": lambda: opened_panel(released_case()).seats.all()[0],
    "a closed panel": lambda: closed_panel(opened_panel(released_case())),
    "a decision": lambda: taken_decision(released_case()),
    "a signed decision": signed_decision,
    "a certificate": reserved_certificate,
    "an edition": lambda: Edition.objects.get(certificate=reserved_certificate()),
    "a stored file": lambda: released_case().report.pdf,
    "the end of the trail": lambda: opened_panel(released_case()) and TrailHead.objects.get(pk=1),
}


@pytest.mark.parametrize("what", MADE)
def test_what_decides_is_never_deleted(what: str) -> None:
    row = MADE[what]()
    with (
        pytest.raises(DatabaseError, match=r"never deleted|append-only|permission denied"),
        transaction.atomic(),
    ):
        delete(row)


def test_the_row_of_a_stored_file_is_written_once() -> None:
    stored = released_case().report.pdf
    for change in ({"sha256": "0" * 64}, {"audience": Audience.CLIENT, "name": "x.pdf"}, {"case": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            update(stored, **change)


def test_the_controls_show_that_the_steps_themselves_pass() -> None:
    certificate = issued_certificate()
    head = make_user(Role.HEAD)
    perform(SUSPEND, certificate, actor=head, ground="requirements", reason="投诉未处理")
    perform(RESTORE, certificate, actor=head, ground="remedied", reason="已整改")
    panel = opened_panel(released_case())
    perform(RECUSE, panel, actor=users_of(panel)[0], reason="亲属")
    assert Certificate.objects.get().state == "valid"
    assert Edition.objects.get().state == "current"
    assert Seat.objects.exclude(recused_at=None).count() == 1
