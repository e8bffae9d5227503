"""Item 51: nobody, not even the application's own role, changes the record; what cannot be recorded is not done."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from audits import scoring
from audits.models import ScoreOperation
from certbody import triggers
from certbody.accounts.roles import Role
from certbody.body import preparation
from certbody.scheme.load import shipped
from certbody.scheme.marks import Met
from certbody.trail.models import Event
from certbody.trail.verify import chain
from certbody.workflow import Refused, perform
from certificates.models import Ballot, Certificate
from certificates.transitions import VOTE
from tests.certificates.tampering import sql_trigger
from tests.road.audits import mark, open_sheet_audit
from tests.road.certificates import (
    opened_panel,
    released_case,
    reserved_certificate,
    signed_decision,
    users_of,
)
from tests.road.people import make_user
from tests.road.scoring_tables import SCHEME

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

APPEND_ONLY = sorted(trigger.table for trigger in triggers.CATALOGUE if trigger.is_append_only)
only_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")


@contextmanager
def full(table: str) -> Iterator[None]:
    """There is no room for one more row of `table`: the database says so, from outside the product."""
    if connection.vendor == "postgresql":
        body = "BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END"
        with sql_trigger("no_room", table, body):
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TRIGGER no_room BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER no_room")


def test_item_51_a_certificate_that_cannot_be_recorded_is_not_issued() -> None:
    decision, officer = signed_decision(), make_user(Role.CERTIFICATES)
    before = Event.objects.count()
    with full("trail_event"), pytest.raises((OperationalError, Refused)):
        reserved_certificate(decision, officer=officer)
    assert not Certificate.objects.exists()
    assert Event.objects.count() == before
    assert reserved_certificate(decision, officer=officer).number.endswith("00001R1"), "no number is lost"
    assert list(chain()) == []


def test_item_51_a_vote_that_cannot_be_recorded_does_not_count() -> None:
    panel = opened_panel(released_case())
    member = users_of(panel)[0]
    with full("trail_event"), pytest.raises((OperationalError, Refused)):
        perform(VOTE, panel, actor=member, choice="for", reason="已阅。")
    assert not Ballot.objects.exists()
    perform(VOTE, panel, actor=member, choice="for", reason="已阅。")
    assert Ballot.objects.count() == 1
    assert list(chain()) == []


def test_item_51_a_mark_that_cannot_be_recorded_does_not_count() -> None:
    road = open_sheet_audit()
    clause = next(clause.id for clause in shipped(SCHEME).clauses if clause.kind == "fixed")
    with full("audits_scoreoperation"), pytest.raises((OperationalError, Refused)):
        mark(road, clause, Met(True))
    assert not road.audit.marks.filter(clause=clause).exists(), "a mark stands on its operation"
    mark(road, clause, Met(True))
    assert ScoreOperation.objects.filter(audit=road.audit, clause=clause).count() == 1
    assert scoring.projection(road.audit)[clause]["is_met"] is True


@only_postgres
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_item_51_the_application_s_role_can_only_read_and_append(table: str) -> None:
    attempts = (
        f"UPDATE {table} SET id = id",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TABLE {table} CASCADE",
        f"CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION {first_function()}()",
        f"CREATE OR REPLACE FUNCTION {first_function()}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "SET session_replication_role = replica",
    )
    for attempt in attempts:
        with (
            pytest.raises(DatabaseError, match=r"permission denied|must be owner") as refusal,
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(attempt)
        assert getattr(refusal.value.__cause__, "sqlstate", "") == "42501", attempt
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False)


def first_function() -> str:
    return next(name for trigger in triggers.CATALOGUE for name, *_rest in trigger.postgres())


@only_postgres
def test_item_51_the_owner_meets_the_triggers_too() -> None:
    """The control: it is not an empty table that refuses. Whoever owns the tables is stopped by the triggers."""
    reserved_certificate()
    with preparation.as_owner(), connection.cursor() as cursor:
        for attempt in (
            "UPDATE trail_event SET name = 'x'",
            "DELETE FROM trail_event",
            "TRUNCATE trail_event CASCADE",
        ):
            with pytest.raises(DatabaseError, match="append-only"):
                cursor.execute(attempt)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no pragma")
def test_item_51_every_connection_to_sqlite_minds_the_triggers_under_replace() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers")
        assert cursor.fetchone() == (1,)
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (2,), "FULL: an acknowledged commit survives a power cut"
