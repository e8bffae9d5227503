"""What the web refuses, the database refuses too."""

import pytest
from django.db import DatabaseError, connection, transaction

from certbody import triggers
from certbody.accounts.roles import Role
from certbody.trail.models import Event
from certbody.trail.services import append
from tests.kernel.bench import make_table
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return append(name="bench.kept", obj=make_table(), case=None, user=make_user(Role.QUALITY))


def refused(sql: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_an_event_cannot_be_updated(event: Event) -> None:
    refused(f"UPDATE trail_event SET name = 'forged' WHERE id = {event.pk}")
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(name="forged")
    event.refresh_from_db()
    assert event.name == "bench.kept"


def test_an_event_cannot_be_deleted(event: Event) -> None:
    refused(f"DELETE FROM trail_event WHERE id = {event.pk}")
    assert Event.objects.filter(pk=event.pk).exists()


def test_an_event_cannot_be_replaced_or_truncated(event: Event) -> None:
    if connection.vendor == "sqlite":
        columns = "id, sequence, at, name, object_type, object_id, source, target, data, previous_hash, hash"
        for pragma in ("ON", "OFF"):
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA recursive_triggers={pragma}")
            refused(
                f"REPLACE INTO trail_event ({columns}) SELECT id, sequence, at, 'forged', object_type, object_id, "
                f"source, target, data, previous_hash, hash FROM trail_event WHERE id = {event.pk}"
            )
    else:
        refused("TRUNCATE trail_event CASCADE")
    event.refresh_from_db()
    assert event.name == "bench.kept"


def test_every_trigger_of_the_catalogue_is_in_the_database() -> None:
    assert triggers.missing(connection) == []


def test_every_table_of_the_catalogue_exists() -> None:
    tables = set(connection.introspection.table_names())
    assert {trigger.table for trigger in triggers.CATALOGUE} <= tables


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no roles")
def test_the_application_role_holds_no_right_to_change_an_append_only_table() -> None:
    with connection.cursor() as cursor:
        for right in ("UPDATE", "DELETE", "TRUNCATE"):
            cursor.execute("SELECT has_table_privilege(current_user, 'trail_event', %s)", [right])
            assert cursor.fetchone() == (False,)
