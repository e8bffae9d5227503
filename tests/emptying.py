"""Empties the tables after a test that committed: only those that hold rows, past the triggers that refuse it.

Django's own flush takes ten times as long: it empties every table, makes permissions and content types again, and would
need every trigger dropped and made again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.db import connection, transaction

from certbody import triggers
from certbody.body import preparation

# made by migrations, the same in every run, and changed by no test
KEPT = frozenset({"django_content_type", "auth_permission", "django_migrations"})


def empty_tables() -> None:
    """Delete every row of the default database; whoever calls is the owner of the tables."""
    with transaction.atomic(), connection.cursor() as cursor:
        tables = tables_with_rows()
        for table in tables:
            switch_triggers(table, on=False)
        for table in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
        connection.check_constraints()  # foreign keys are looked at now: rows that others point at may have gone first
        for table in tables:
            switch_triggers(table, on=True)
    if triggers.missing(connection):  # the test itself took some away
        triggers.create_all(connection)


@contextmanager
def without_triggers(table: str) -> Iterator[None]:
    """Inside the block a table has no triggers, for a control that shows what they and the services keep away."""
    with preparation.as_owner():
        switch_triggers(table, on=False)
    try:
        yield
    finally:
        with preparation.as_owner():
            switch_triggers(table, on=True)


@cache
def every_table() -> tuple[str, ...]:
    return tuple(sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT))


def tables_with_rows() -> list[str]:
    quoted = {table: connection.ops.quote_name(table) for table in every_table()}
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name})" for table, name in quoted.items()
            )
        )
        return [table for (table,) in cursor.fetchall()]


def switch_triggers(table: str, *, on: bool) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            switch = "ENABLE" if on else "DISABLE"
            cursor.execute(f"ALTER TABLE {connection.ops.quote_name(table)} {switch} TRIGGER USER")
            return
        for trigger in (trigger for trigger in triggers.CATALOGUE if trigger.table == table):
            for name, sql in trigger.sqlite():
                cursor.execute(sql if on else f"DROP TRIGGER IF EXISTS {name}")
