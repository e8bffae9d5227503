"""The kinds of database triggers, each in SQL for SQLite and PostgreSQL."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """Refuses a change of a row while `condition`, in SQL that both databases understand, is true."""

    name: str
    table: str
    when: str
    condition: str
    message: str

    def sqlite(self) -> Iterator[tuple[str, str]]:
        yield (
            self.name,
            (
                f"CREATE TRIGGER {self.name} BEFORE {self.when} ON {self.table} WHEN {self.condition} "
                f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
            ),
        )

    def function_body(self) -> str:
        row = "OLD" if self.when == "DELETE" else "NEW"
        return (
            f" BEGIN IF {self.condition} THEN RAISE EXCEPTION '{self.message}' "
            f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {row}; END "
        )

    def postgres(self) -> Iterator[tuple[str, str, str]]:
        yield (
            self.name,
            self.function_body(),
            (
                f"CREATE TRIGGER {self.name} BEFORE {self.when} ON {self.table} "
                f"FOR EACH ROW EXECUTE FUNCTION {self.name}()"
            ),
        )

    @property
    def is_append_only(self) -> bool:
        return False


@dataclass(frozen=True)
class AppendOnly:
    """Rows of the table are written once: UPDATE, DELETE, REPLACE and TRUNCATE are refused.

    REPLACE walks past SQLite's DELETE trigger where a connection forgot the recursive_triggers pragma, so an INSERT
    of a key that exists is refused as well.
    """

    table: str
    key: str = "id"

    @property
    def name(self) -> str:
        return f"append_only_{self.table}"

    @property
    def is_append_only(self) -> bool:
        return True

    def sqlite(self) -> Iterator[tuple[str, str]]:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{self.table} is append-only'); END"
        for operation in ("UPDATE", "DELETE"):
            name = f"{self.name}_{operation.lower()}"
            yield name, f"CREATE TRIGGER {name} BEFORE {operation} ON {self.table} {refuse}"
        name = f"{self.name}_replace"
        condition = f"EXISTS (SELECT 1 FROM {self.table} WHERE {self.key} = NEW.{self.key})"
        yield name, f"CREATE TRIGGER {name} BEFORE INSERT ON {self.table} WHEN {condition} {refuse}"

    def postgres(self) -> Iterator[tuple[str, str, str]]:
        body = (
            f" BEGIN RAISE EXCEPTION '{self.table} is append-only' "
            f"USING ERRCODE = 'integrity_constraint_violation'; END "
        )
        yield (
            f"{self.name}_change",
            body,
            (
                f"CREATE TRIGGER {self.name}_change BEFORE UPDATE OR DELETE ON {self.table} "
                f"FOR EACH ROW EXECUTE FUNCTION {self.name}_change()"
            ),
        )
        yield (
            f"{self.name}_truncate",
            body,
            (
                f"CREATE TRIGGER {self.name}_truncate BEFORE TRUNCATE ON {self.table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}_truncate()"
            ),
        )


Trigger = Guard | AppendOnly


def differs(*columns: str) -> str:
    """Whether one of the columns changes; for columns that are never NULL."""
    return " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)


def never_deleted(name: str, table: str, what: str) -> Guard:
    return Guard(f"{name}_is_never_deleted", table, "DELETE", "1 = 1", f"{what} is never deleted")


def differs_once_set(*columns: str) -> str:
    """Whether one of the columns changes that holds something already; for columns that may be NULL."""
    return " OR ".join(
        f"(OLD.{column} IS NOT NULL AND (NEW.{column} IS NULL OR NEW.{column} <> OLD.{column}))"
        for column in columns
    )


def before(
    name: str, table: str, operations: tuple[str, ...], condition: str, message: str
) -> tuple[Guard, ...]:
    """The same guard for several operations, the operation in its name."""
    return tuple(
        Guard(f"{name}_{operation.lower()}", table, operation, condition, message) for operation in operations
    )


def moves_by_its_steps(name: str, table: str, moves: Mapping[str, tuple[str, ...]], what: str) -> Guard:
    """Refuses every change of state that no step makes; `moves` says which states follow a state."""
    known = ", ".join(f"'{source}>{target}'" for source, targets in moves.items() for target in targets)
    return Guard(
        f"{name}_moves_by_its_steps",
        table,
        "UPDATE",
        f"NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN ({known})",
        f"no step takes {what} from this state to that one",
    )
