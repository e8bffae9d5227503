from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case as Choose
from django.db.models import IntegerField, QuerySet, When

from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.models import BodySetting, ScoringTable
from certbody.body.settings_catalogue import Entry, Group, default_of, entries_of
from certbody.body.states import ScoringTableState
from certbody.cases.models import Case
from certbody.scheme.load import load, shipped, shipped_ids
from certbody.scheme.model import Clause, Level1, Level2, Scheme, UnknownSchemeError, UnknownVersionError

READERS = (Role.HEAD, Role.QUALITY, Role.INSPECTOR, Role.TECHNICAL_REVIEWER, Role.PLANNER, Role.ADMINISTRATOR)


class ChangedTableError(RuntimeError):
    """A stored scoring table no longer has the content that its hash names: somebody went past the product."""


def visible_to(user: User | AnonymousUser) -> QuerySet[ScoringTable]:
    """Scoring tables are no secret inside the body; the portal does not show them."""
    if not isinstance(user, User) or not user.is_staff_member:
        return ScoringTable.objects.none()
    return ScoringTable.objects.all()


@lru_cache(maxsize=16)
def _parsed(_content_hash: str, content: str) -> Scheme:
    return load(content)


def scheme_in(table: ScoringTable) -> Scheme:
    """The scheme that a stored table holds, parsed once a process; `ChangedTableError` when its hash is another."""
    scheme = _parsed(table.content_hash, table.content)
    if scheme.hash != table.content_hash:
        raise ChangedTableError(f"body_scoringtable {table.pk}: {table.scheme} {table.version}")
    return scheme


def confirmed_table(scheme_id: str) -> ScoringTable | None:
    """The table that grades new cases; at most one a scheme."""
    return ScoringTable.objects.filter(scheme=scheme_id, state=ScoringTableState.CONFIRMED).first()


def confirmed_scheme(scheme_id: str) -> tuple[Scheme, ScoringTable] | None:
    table = confirmed_table(scheme_id)
    return (scheme_in(table), table) if table else None


def stored_scheme(scheme_id: str, version: str | None = None) -> tuple[Scheme, str] | None:
    """The stored table of a scheme and its state: with a version exactly that one, else confirmed before draft."""
    tables = ScoringTable.objects.filter(scheme=scheme_id)
    if version is not None:
        table = tables.filter(version=version).first()
    else:
        rank = Choose(When(state=ScoringTableState.CONFIRMED, then=0), default=1, output_field=IntegerField())
        table = tables.exclude(state=ScoringTableState.RETIRED).order_by(rank, "-id").first()
    return (scheme_in(table), table.state) if table else None


def scheme_of(case: Case) -> Scheme:
    """The table by which a case is scored: the pinned one, before pinning the confirmed or the shipped one.

    A pinned table is found by its hash, so that no later table of the same version can stand in for it; raises
    `UnknownVersionError` when it is gone.
    """
    if case.scheme_hash:
        table = ScoringTable.objects.filter(
            scheme=case.scheme, version=case.scheme_version, content_hash=case.scheme_hash
        ).first()
        if table is None:
            raise UnknownVersionError(case.scheme_version)
        return scheme_in(table)
    confirmed = confirmed_scheme(case.scheme)
    return confirmed[0] if confirmed else shipped(case.scheme)


def starting_text(scheme_id: str) -> str:
    """The canonical content from which a new draft begins: the confirmed table's, else the shipped one's."""
    confirmed = confirmed_scheme(scheme_id)
    return confirmed[0].canonical if confirmed else shipped(scheme_id).canonical


def known_schemes() -> list[str]:
    """The schemes that come with the product and those that the body stored."""
    return sorted({*shipped_ids(), *ScoringTable.objects.values_list("scheme", flat=True).distinct()})


def next_version(scheme_id: str, wish: str = "1") -> str:
    """The first free version number of a scheme, beginning with `wish` where it is free."""
    taken = set(ScoringTable.objects.filter(scheme=scheme_id).values_list("version", flat=True))
    if wish not in taken:
        return wish
    number = 1
    while str(number) in taken:
        number += 1
    return str(number)


@dataclass(frozen=True)
class ClauseRow:
    clause: Clause
    shipped_points: Fraction | None

    @property
    def is_changed(self) -> bool:
        return self.shipped_points != self.clause.points


@dataclass(frozen=True)
class ItemRows:
    item: Level2
    clauses: tuple[ClauseRow, ...]


@dataclass(frozen=True)
class GroupRows:
    group: Level1
    items: tuple[ItemRows, ...]
    total: Fraction


def tree_of(scheme: Scheme) -> list[GroupRows]:
    """The indicator tree with the sum of every group and, for comparison, the points of the shipped table."""
    original = _shipped_points(scheme.id)
    tree = []
    for group in scheme.level1:
        items = tuple(
            ItemRows(
                item,
                tuple(ClauseRow(clause, original.get(clause.id)) for clause in scheme.clauses_of(item.id)),
            )
            for item in scheme.items_of(group.id)
        )
        total = sum((row.clause.points for item in items for row in item.clauses), Fraction(0))
        tree.append(GroupRows(group, items, total))
    return tree


def _shipped_points(scheme_id: str) -> dict[str, Fraction]:
    try:
        return {clause.id: clause.points for clause in shipped(scheme_id).clauses}
    except UnknownSchemeError:
        return {}


def changed_clauses(tree: Iterable[GroupRows]) -> list[ClauseRow]:
    return [row for group in tree for item in group.items for row in item.clauses if row.is_changed]


def missing_clauses(scheme: Scheme) -> list[str]:
    """Clauses of the shipped table that this one does not hold."""
    return sorted(set(_shipped_points(scheme.id)) - {clause.id for clause in scheme.clauses})


@dataclass(frozen=True)
class SettingRow:
    """A setting as the page shows it: what applies today, what was decided for later, and since when."""

    entry: Entry
    value: Any
    source: Any
    valid_from: date | None
    is_default: bool
    coming: tuple[BodySetting, ...]


def settings_by_group() -> list[tuple[Group, list[SettingRow]]]:
    """Every setting with what applies today, in one query."""
    today = clock.today()
    rows: dict[str, list[BodySetting]] = {}
    for row in BodySetting.objects.order_by("valid_from", "id"):
        rows.setdefault(row.key, []).append(row)
    return [
        (group, [_row(known, rows.get(known.key, []), today) for known in entries_of(group)])
        for group in Group
    ]


def _row(known: Entry, rows: list[BodySetting], today: date) -> SettingRow:
    begun = [row for row in rows if row.valid_from <= today]
    coming = tuple(row for row in rows if row.valid_from > today)
    if not begun:
        return SettingRow(known, default_of(known), known.source, None, True, coming)
    newest = begun[-1]
    return SettingRow(known, known.to_python(newest.value), newest.source, newest.valid_from, False, coming)


def first_days_of(keys: Iterable[str], on: date) -> dict[str, date | None]:
    """Since when the value of each setting on a day is in force; None for the default of the product."""
    wanted = list(keys)
    begun = BodySetting.objects.filter(key__in=wanted, valid_from__lte=on)
    newest = dict(begun.order_by("valid_from", "id").values_list("key", "valid_from"))
    return {key: newest.get(key) for key in wanted}


def days_of_change(keys: Iterable[str]) -> list[date]:
    """The days on which any of these settings changed or will change, the latest first."""
    days = BodySetting.objects.filter(key__in=list(keys)).values_list("valid_from", flat=True)
    return sorted(set(days), reverse=True)


def history_of(key: str) -> QuerySet[BodySetting]:
    return BodySetting.objects.filter(key=key).select_related("set_by").order_by("-valid_from", "-id")
