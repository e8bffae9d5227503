"""The indicator tree and the rules of scoring of a scheme file, as typed data."""

from typing import Any

from certbody.scheme.faults import Fault, gettext_noop, path_of
from certbody.scheme.model import (
    Clause,
    ClauseKind,
    Goods,
    Grade,
    GradeKey,
    Ground,
    Level1,
    Level2,
    ScoringRules,
    SourceStatus,
    Words,
)
from certbody.scheme.table_reader import TableReader


def read_level1(root: TableReader) -> tuple[Level1, ...]:
    return tuple(Level1(**_group(table)) for table in root.tables("level1", "id"))


def read_level2(root: TableReader) -> tuple[Level2, ...]:
    return tuple(Level2(**_group(table)) for table in root.tables("level2", "id"))


def read_clauses(root: TableReader) -> tuple[Clause, ...]:
    return tuple(_clause(table) for table in root.tables("clause", "id"))


def read_grades(root: TableReader) -> tuple[Grade, ...]:
    grades = []
    for table in root.tables("grade", "key"):
        key = table.choice("key", GradeKey)
        if key is GradeKey.FAIL:
            table.fault(gettext_noop("names the absence of a grade"), "key")
        grades.append(
            Grade(
                key=key,
                min_score=table.points("min_score"),
                stars=table.whole("stars", most=5),
                name=table.words(),
            )
        )
        table.close()
    return tuple(grades)


def read_rules(table: TableReader) -> ScoringRules:
    """The table `scoring`. Members that describe the engine itself can only say what the engine does."""
    table.always("fixed_rule", "all_or_nothing")
    table.always("sampled_rule", "proportional_deduction")
    table.always("arithmetic", "rational")
    table.always("exclusion_needs_reason", value=True)
    deduction, bonus = table.table("special_deduction"), table.table("special_bonus")
    deduction.always("outside_score", value=True)
    rules = ScoringRules(
        total_points=table.points("total_points"),
        pass_score=table.points("pass_score"),
        fail_special_deductions=table.whole("fail_special_deductions", least=1, most=1000),
        cap=table.points("cap_after_bonus"),
        deduction_points=deduction.points("points_each"),
        rectification_required=deduction.flag("rectification_required"),
        grounds=tuple(_ground(ground) for ground in deduction.tables("grounds", "key")),
        bonus_points=bonus.points("points_each"),
        bonus_max_count=bonus.whole("max_count", most=1),
        bonus_ground=bonus.words("ground_"),
        exclusion_allowed=table.flag("exclusion_allowed"),
        formula=table.text("formula"),
        formula_status=table.text("formula_status"),
        rounding_status=table.text("rounding_status"),
        rounding_recommended=table.text("rounding_recommended"),
        sampled_examples_zh=table.texts("sampled_examples_zh"),
    )
    deduction.close()
    bonus.close()
    table.close()
    return rules


def _group(table: TableReader) -> dict[str, Any]:
    members = {
        "id": table.text("id"),
        "title": table.words("title_"),
        "points": table.points("points"),
        "status": table.choice("status", SourceStatus),
    }
    table.close()
    return members


def _clause(table: TableReader) -> Clause:
    clause = Clause(
        id=table.text("id"),
        parent=table.text("parent"),
        title=table.words("title_"),
        demand=table.words("demand_"),
        points=table.points("points"),
        kind=table.choice("kind", ClauseKind),
        excludable_when=_excludable_when(table),
        evidence=_evidence(table),
        points_status=table.choice("points_status", SourceStatus),
        kind_status=table.choice("kind_status", SourceStatus),
        text_status=table.choice("text_status", SourceStatus),
    )
    table.close()
    return clause


def _excludable_when(table: TableReader) -> frozenset[Goods]:
    """`excludable` speaks of tangible goods, `excludable_when` of every kind of goods (GB/T 27922, 6.2.2)."""
    excludable = table.flag("excludable")
    if not table.has("excludable_when"):
        return frozenset({Goods.TANGIBLE, Goods.MIXED}) if excludable else frozenset()
    kinds = table.texts("excludable_when")
    known = [goods for goods in Goods if goods in kinds]
    if len(known) != len(kinds):
        table.fault(
            gettext_noop("must name each of %(known)s at most once"),
            "excludable_when",
            known=", ".join(Goods),
        )
    elif (Goods.TANGIBLE in known) != excludable:
        table.fault(gettext_noop("contradicts excludable, which speaks of tangible goods"), "excludable_when")
    return frozenset(known)


def _evidence(table: TableReader) -> tuple[Words, ...]:
    """Each item is a table of languages, or one text: the Chinese words, a blank, the English words."""
    items = table.take("evidence")
    if not isinstance(items, list):
        if items is not None:
            table.fault(gettext_noop("must be a list"), "evidence")
        return ()
    evidence = []
    for index, item in enumerate(items):
        if isinstance(item, dict):
            words = TableReader(item, (*table.path, "evidence", index), table.faults)
            evidence.append(words.words())
            words.close()
        elif isinstance(item, str) and item.strip():
            zh, _blank, en = item.strip().partition(" ")
            evidence.append(Words(zh=zh, en=en or zh))
        else:
            at = path_of(*table.path, "evidence", index)
            table.faults.append(Fault(at, gettext_noop("must be a text or a table of languages")))
    return tuple(evidence)


def _ground(table: TableReader) -> Ground:
    ground = Ground(key=table.text("key"), name=table.words())
    table.close()
    return ground
