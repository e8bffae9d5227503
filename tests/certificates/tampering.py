"""Going past the product, as somebody with the owner's password to the database could."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from certbody import triggers
from certbody.body import preparation


@contextmanager
def past_the_triggers() -> Iterator[None]:
    """Without any trigger inside the block; needs a transactional test, because the owner connects anew."""
    with preparation.as_owner():
        triggers.drop_all(connection)
        try:
            yield
        finally:
            triggers.create_all(connection)


@contextmanager
def scratch_table(name: str, columns: str) -> Iterator[None]:
    """A table without any protection, for the twin of a race that shows the damage."""
    with preparation.as_owner(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} ({columns})")
        if connection.vendor == "postgresql":
            cursor.execute(f"GRANT ALL ON {name} TO PUBLIC")
    try:
        yield
    finally:
        with preparation.as_owner(), connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {name}")


@contextmanager
def sql_trigger(name: str, table: str, body: str) -> Iterator[None]:
    """A trigger of PostgreSQL before every insert into a table, made and dropped by the owner."""
    with preparation.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$; "
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    try:
        yield
    finally:
        with preparation.as_owner(), connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()")
