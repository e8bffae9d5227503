"""Item 46: migrations forth and back with data, and the triggers compared with the catalogue after every one.

The body of the test is taken down to nothing app by app, its rows kept aside, and built up again migration by
migration; nothing that counts as evidence may differ afterwards.
"""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL

from certbody import triggers
from certbody.body import preparation
from certbody.trail.verify import chain
from certificates.models import Certificate
from tests.environment import IS_NIGHTLY
from tests.faults.history import print_figures
from tests.road.certificates import issued_certificate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

FLOORS = {"applications", "audits", "certificates"}
EVIDENCE = {trigger.table for trigger in triggers.CATALOGUE if trigger.is_append_only} | {
    "certificates_certificate",
    "certificates_edition",
    "trail_trailhead",
}
OURS = {"certbody", "applications", "audits", "certificates"}
Node = tuple[str, str]


def our_migrations() -> list[Node]:
    """Every migration of the product in the order in which they are applied."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    return [
        (migration.app_label, migration.name)
        for migration, _backwards in plan
        if is_ours(migration.app_label)
    ]


def is_ours(label: str) -> bool:
    return apps.get_app_config(label).name.partition(".")[0] in OURS


def expected_triggers() -> set[str]:
    """The names of the triggers that belong to the tables which exist now."""
    tables = set(connection.introspection.table_names())
    there = [trigger for trigger in triggers.CATALOGUE if trigger.table in tables]
    if connection.vendor == "sqlite":
        return {name for trigger in there for name, _sql in trigger.sqlite()}
    return {name for trigger in there for name, _body, _sql in trigger.postgres()}


def triggers_agree() -> bool:
    names = {name for name in triggers._found_in(connection) if not name.startswith("RI_")}
    absent = set(triggers.missing(connection))
    return names == expected_triggers() and not absent & expected_triggers()


def row_hashes() -> dict[str, str]:
    """The hash of all rows of each table of the product, in the order of their keys."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names()):
            if table.partition("_")[0] not in {
                app.label for app in apps.get_app_configs() if is_ours(app.label)
            }:
                continue
            columns = sorted(c.name for c in connection.introspection.get_table_description(cursor, table))
            cursor.execute(f"SELECT {', '.join(map(connection.ops.quote_name, columns))} FROM {table}")
            lines = sorted(repr(row) for row in cursor.fetchall())
            found[table] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return found


def names_of(label: str) -> list[str]:
    return [name for app, name in our_migrations() if app == label]


def migrate(label: str, name: str) -> None:
    call_command("migrate", label, name, verbosity=0, interactive=False)


def rows_of(labels: set[str]) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """The rows of some apps as the database holds them, by table."""
    kept = {}
    with connection.cursor() as cursor:
        for model in (model for label in labels for model in apps.get_app_config(label).get_models(True)):
            columns = [field.column for field in model._meta.concrete_fields]
            names = ", ".join(map(connection.ops.quote_name, columns))
            cursor.execute(f"SELECT {names} FROM {model._meta.db_table}")
            kept[model._meta.db_table] = (columns, cursor.fetchall())
    return kept


def put_back(kept: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> None:
    """As a restore does: by the owner of the tables, before the triggers stand; keys are checked at the end."""
    with preparation.as_owner():
        triggers.drop_all(connection)
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA defer_foreign_keys=ON")
            for table, (columns, rows) in kept.items():
                names = ", ".join(map(connection.ops.quote_name, columns))
                places = ", ".join(["%s"] * len(columns))
                values = [tuple(map(as_parameter, row)) for row in rows]
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", values)
        triggers.create_all(connection)


def as_parameter(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


@pytest.mark.nightly
@pytest.mark.skipif(
    connection.vendor == "sqlite" and not IS_NIGHTLY, reason="SQLite remakes each table: at night"
)
def test_item_46_the_three_floors_are_taken_down_and_built_up_again_with_their_rows() -> None:
    """Back to nothing and forth with a full body: what stays keeps every row, what comes back takes its own."""
    issued_certificate()
    before, kept = row_hashes(), rows_of(FLOORS)
    try:
        migrate("applications", "zero")  # the floors above stand on it
        assert triggers_agree()
        left = row_hashes()
        assert not {table for table in left if table.partition("_")[0] in FLOORS}
        assert left == {table: before[table] for table in left}
    finally:
        call_command("migrate", verbosity=0, interactive=False)
    assert triggers_agree()
    put_back(kept)
    after = row_hashes()
    changed = sum(before[table] != after[table] for table in before)
    print_figures(
        46, tables=len(after), rows=sum(len(rows) for _columns, rows in kept.values()), changed=changed
    )
    assert after == before
    assert list(chain()) == []
    assert Certificate.objects.get().state == "valid"


def test_item_46_what_a_later_release_added_is_taken_back_and_put_there_again() -> None:
    """Every migration but the first of each app, which makes the tables, with a full body: no row of evidence moves."""
    issued_certificate()
    later = [node for node in our_migrations() if node[1] != names_of(node[0])[0]]
    before = row_hashes()
    try:
        for label, name in reversed(later):
            migrate(label, names_of(label)[names_of(label).index(name) - 1])
            assert triggers_agree(), f"after taking back {label}.{name}"
    finally:
        call_command("migrate", verbosity=0, interactive=False)
    after = row_hashes()
    print_figures(46, taken_back=len(later), changed=sum(before[table] != after[table] for table in before))
    assert {table: after[table] for table in EVIDENCE} == {table: before[table] for table in EVIDENCE}
    assert triggers.missing(connection) == []
    assert list(chain()) == []


@pytest.fixture
def empty_body(tmp_path: Path) -> Iterator[None]:
    """A database of its own without a table: the test's connection looks at it for a while."""
    everyday = connection.settings_dict
    name = f"{everyday['NAME']}_fresh"
    if connection.vendor == "postgresql":
        with preparation.as_owner(), connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
    else:
        name = str(tmp_path / "fresh.sqlite3")
        sqlite3.connect(name).close()
    connection.close()
    connection.settings_dict = everyday | {"NAME": name}
    yield
    connection.close()
    connection.settings_dict = everyday
    if connection.vendor == "postgresql":
        with preparation.as_owner(), connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_item_46_after_every_migration_the_triggers_are_those_of_the_catalogue(empty_body: None) -> None:
    nodes = our_migrations()
    for label, name in nodes:
        migrate(label, name)
        assert triggers_agree(), f"after {label}.{name}"
    call_command("migrate", verbosity=0, interactive=False)
    assert triggers.missing(connection) == []
    print_figures(46, migrations=len(nodes), disagreements=0)


def test_item_46_the_comparison_notices_a_trigger_that_a_migration_lost() -> None:
    """The control: without one trigger the comparison above fails."""
    lost = triggers.CATALOGUE[0]
    names = list(lost.sqlite() if connection.vendor == "sqlite" else lost.postgres())
    with preparation.as_owner(), connection.cursor() as cursor:
        table = "" if connection.vendor == "sqlite" else f" ON {lost.table}"
        cursor.execute(f"DROP TRIGGER {names[0][0]}{table}")
    try:
        assert not triggers_agree()
    finally:
        with preparation.as_owner():
            triggers.create_all(connection)
    assert triggers_agree()


# fill a new column of older rows, which a new constraint asks for; neither makes a row nor touches evidence
FILLING = {"applications.0006_contract", "applications.0008_kinds"}


def test_item_46_no_migration_rewrites_evidence() -> None:
    """Rows of the trail, votes, certificates and scores are never the object of a data migration."""
    loader = MigrationExecutor(connection).loader
    for label, name in our_migrations():
        for operation in loader.get_migration(label, name).operations:
            assert not isinstance(operation, RunPython) or f"{label}.{name}" in FILLING, (
                f"{label}.{name}: no row comes from or changes by a migration"
            )
            if isinstance(operation, RunSQL):
                words = set(re.findall(r"\w+", str(operation.sql)))
                assert not words & EVIDENCE, f"{label}.{name}"
    assert settings.MIGRATION_MODULES == {}
