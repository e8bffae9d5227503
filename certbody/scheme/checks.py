"""What must hold between members of a scheme file: sums, unique names, parents, thresholds, person-days."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from certbody.scheme.faults import Fault, gettext_noop, path_of, quoted
from certbody.scheme.model import (
    Clause,
    Grade,
    GradeKey,
    Level1,
    Level2,
    PersonDayRow,
    PersonDays,
    ScoringRules,
)
from certbody.scheme.table_reader import UNREAD

# GB/T 27922-2011 fixes the three groups; below them the body's own licensed copy decides
GROUP_POINTS = {"GB/T 27922-2011": {"5.1": Fraction(40), "5.2": Fraction(35), "5.3": Fraction(25)}}

DAY_COLUMNS = (
    "initial_total",
    "initial_planning",
    "initial_site",
    "surveillance_total",
    "surveillance_site",
    "recertification_total",
    "recertification_site",
)
CLAUSES_DIFFER = gettext_noop("is %(total)s, but its clauses add up to %(sum)s")
ITEMS_DIFFER = gettext_noop("is %(total)s, but its items add up to %(sum)s")
GROUPS_DIFFER = gettext_noop("is %(total)s, but the groups add up to %(sum)s")

_SCHEME_ID = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
_NUMBERED = re.compile(r"[0-9]+(?:\.[0-9]+)*")


def check_identity(scheme_id: str, version: str) -> Iterator[Fault]:
    if scheme_id and not (_SCHEME_ID.fullmatch(scheme_id) and len(scheme_id) <= 40):
        yield Fault("id", gettext_noop("must be lower-case letters, digits and hyphens, at most 40"))
    if version and (not version.isprintable() or len(version) > 40):
        yield Fault("version", gettext_noop("must be printable and at most 40 characters"))


def check_unique(list_name: str, names: Iterable[str]) -> Iterator[Fault]:
    for name, count in Counter(names).items():
        if count > 1 and name:
            yield Fault(path_of(list_name, name), gettext_noop("stands in the file more than once"))


def check_tree(
    level1: tuple[Level1, ...], level2: tuple[Level2, ...], clauses: tuple[Clause, ...]
) -> Iterator[Fault]:
    """Ids are numbered, every parent exists, nothing is without children."""
    for list_name, ids in (
        ("level1", [group.id for group in level1]),
        ("level2", [item.id for item in level2]),
        ("clause", [clause.id for clause in clauses]),
    ):
        yield from check_unique(list_name, ids)
        for name in ids:
            if name and not _NUMBERED.fullmatch(name):
                yield Fault(path_of(list_name, name, "id"), gettext_noop("must be numbered such as 5.1.2"))
    groups, items = {group.id for group in level1}, {item.id for item in level2}
    for item in level2:
        if item.id and item.parent not in groups:
            yield _no_parent("level2", item.id, "id", item.parent)
    for clause in clauses:
        if clause.parent and clause.parent not in items:
            yield _no_parent("clause", clause.id, "parent", clause.parent)
        elif clause.id and clause.parent and clause.id.rpartition(".")[0] != clause.parent:
            yield Fault(path_of("clause", clause.id, "id"), gettext_noop("is not numbered below its parent"))
    yield from _childless("level1", groups, {item.parent for item in level2})
    yield from _childless("level2", items, {clause.parent for clause in clauses})


def check_sums(
    standard: str,
    rules: ScoringRules,
    level1: tuple[Level1, ...],
    level2: tuple[Level2, ...],
    clauses: tuple[Clause, ...],
) -> Iterator[Fault]:
    """Clauses add up to their item, items to their group, groups to the total; some standards fix groups."""
    for item in level2:
        parts = [clause.points for clause in clauses if clause.parent == item.id]
        yield from _sum(path_of("level2", item.id, "points"), item.points, parts, CLAUSES_DIFFER)
    for group in level1:
        parts = [item.points for item in level2 if item.parent == group.id]
        yield from _sum(path_of("level1", group.id, "points"), group.points, parts, ITEMS_DIFFER)
    parts = [group.points for group in level1]
    yield from _sum("scoring.total_points", rules.total_points, parts, GROUPS_DIFFER)
    fixed = GROUP_POINTS.get(standard, {})
    given = {group.id: group.points for group in level1}
    for group_id, points in fixed.items():
        if group_id not in given:
            yield Fault(path_of("level1", group_id), gettext_noop("is missing"))
        elif given[group_id] not in {points, UNREAD}:
            params = {"points": str(points), "standard": standard}
            at = path_of("level1", group_id, "points")
            yield Fault(at, gettext_noop("must be %(points)s, as %(standard)s says"), params)


def check_grades(rules: ScoringRules, grades: tuple[Grade, ...]) -> Iterator[Fault]:
    """Grades stand in ascending order; the first one begins at the pass score, none lies above the cap."""
    yield from check_unique("grade", [grade.key for grade in grades])
    order = list(GradeKey)
    for lower, higher in pairwise(grades):
        at = path_of("grade", higher.key, "min_score")
        if UNREAD not in {lower.min_score, higher.min_score} and lower.min_score >= higher.min_score:
            yield Fault(at, gettext_noop("must be above the grade before it"))
        if order.index(lower.key) > order.index(higher.key) or lower.stars >= higher.stars:
            yield Fault(path_of("grade", higher.key), gettext_noop("must rank above the grade before it"))
    if (
        grades
        and UNREAD not in {grades[0].min_score, rules.pass_score}
        and grades[0].min_score != rules.pass_score
    ):
        yield Fault("scoring.pass_score", gettext_noop("must be where the lowest grade begins"))
    if rules.cap > 100:
        yield Fault("scoring.cap_after_bonus", gettext_noop("must not be above 100"))
    if grades and UNREAD not in {rules.cap, grades[-1].min_score} and grades[-1].min_score > rules.cap:
        yield Fault(path_of("grade", grades[-1].key, "min_score"), gettext_noop("can never be reached"))


def check_rules(rules: ScoringRules, clauses: tuple[Clause, ...]) -> Iterator[Fault]:
    yield from check_unique("scoring.special_deduction.grounds", [ground.key for ground in rules.grounds])
    if not rules.exclusion_allowed:
        for clause in clauses:
            if clause.excludable_when:
                at = path_of("clause", clause.id, "excludable_when")
                yield Fault(at, gettext_noop("contradicts scoring.exclusion_allowed"))


def check_person_days(table: PersonDays) -> Iterator[Fault]:
    """Rows run from one person on without a gap, their days add up, and no row asks for fewer."""
    before: PersonDayRow | None = None
    for index, row in enumerate(table.rows):
        at = path_of("person_days", "rows", index)
        if row.first != (before.last + 1 if before else 1):
            yield Fault(at, gettext_noop("must begin with the headcount after the row before it"))
        if row.last < row.first:
            yield Fault(at, gettext_noop("ends before it begins"))
        if row.initial_total != row.initial_planning + row.initial_site:
            yield Fault(at, gettext_noop("planning and site do not add up to the total of the initial audit"))
        if (
            row.surveillance_site > row.surveillance_total
            or row.recertification_site > row.recertification_total
        ):
            yield Fault(at, gettext_noop("has more days on site than in total"))
        if not row.surveillance_total < row.recertification_total <= row.initial_total:
            yield Fault(
                at, gettext_noop("must rise from surveillance to recertification to the initial audit")
            )
        if before and any(now < then for now, then in zip(_days(row), _days(before), strict=True)):
            yield Fault(at, gettext_noop("asks for fewer days than the row before it"))
        before = row


def _days(row: PersonDayRow) -> list[Decimal]:
    return [getattr(row, column) for column in DAY_COLUMNS]


def _no_parent(list_name: str, name: str, member: str, parent: str) -> Fault:
    return Fault(
        path_of(list_name, name, member),
        gettext_noop("%(parent)s does not exist"),
        {"parent": quoted(parent)},
    )


def _childless(list_name: str, names: set[str], parents: set[str]) -> Iterator[Fault]:
    for name in sorted(names - parents - {""}):
        yield Fault(path_of(list_name, name), gettext_noop("has nothing below it"))


def _sum(path: str, total: Fraction, parts: list[Fraction], template: str) -> Iterator[Fault]:
    if UNREAD in {total, *parts} or not parts or sum(parts) == total:
        return
    yield Fault(path, template, {"total": str(total), "sum": str(sum(parts, Fraction(0)))})
