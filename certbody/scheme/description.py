"""A scoring table described for people and for other programs (`manage.py scheme`)."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from certbody.scheme.model import Clause, Goods, Scheme


def describe(scheme: Scheme, status: str) -> dict[str, Any]:
    """The table as plain JSON values; points are whole numbers, or texts such as `5/2`."""
    rules = scheme.rules
    return {
        "id": scheme.id,
        "version": scheme.version,
        "status": status,
        "hash": scheme.hash,
        "standard": scheme.standard.code,
        "titles": scheme.standard.title.by_language(),
        "thresholds": {
            "total_points": _plain(rules.total_points),
            "pass_score": _plain(rules.pass_score),
            "fail_special_deductions": rules.fail_special_deductions,
            "special_deduction_points": _plain(rules.deduction_points),
            "special_bonus_points": _plain(rules.bonus_points),
            "special_bonus_max_count": rules.bonus_max_count,
            "cap": _plain(rules.cap),
        },
        "grades": [
            {
                "key": str(grade.key),
                "min_score": _plain(grade.min_score),
                "stars": grade.stars,
                "titles": grade.name.by_language(),
            }
            for grade in scheme.grades
        ],
        "grounds": [{"key": ground.key, "titles": ground.name.by_language()} for ground in rules.grounds],
        "sections": [
            {"id": section.id, "points": _plain(section.points), "titles": section.title.by_language()}
            | {"status": str(section.status)}
            for section in scheme.sections
        ],
        "clauses": [_describe_clause(clause) for clause in scheme.clauses],
        "parameters": {key: _plain(value) for key, value in scheme.parameters.items()},
    }


def tree(scheme: Scheme, status: str) -> Iterator[str]:
    """The table as lines of text: head, indicator tree with points, rules, grades."""
    rules = scheme.rules
    yield f"{scheme.id}  version {scheme.version}  {status}"
    yield f"{scheme.standard.code}  {scheme.standard.title.en}  {scheme.standard.title.zh}"
    yield f"sha256 {scheme.hash}"
    yield ""
    for group in scheme.level1:
        yield f"{group.id}  {group.title.en}  {group.title.zh}  {group.points} ({group.status})"
        for item in scheme.items_of(group.id):
            yield f"  {item.id}  {item.title.en}  {item.title.zh}  {item.points} ({item.status})"
            for clause in scheme.clauses_of(item.id):
                yield f"    {_clause_line(clause)}"
    yield ""
    yield rules.formula
    yield f"at most {rules.cap}, at least 0; exact numbers are compared, shown rounded down"
    for grade in scheme.grades:
        yield f"{grade.key}: {grade.min_score} or more"
    yield f"fail: below {rules.pass_score}, or {rules.fail_special_deductions} or more special deductions"
    yield "grounds of a special deduction: " + ", ".join(ground.key for ground in rules.grounds)


def _describe_clause(clause: Clause) -> dict[str, Any]:
    return {
        "id": clause.id,
        "parent": clause.parent,
        "points": _plain(clause.points),
        "kind": str(clause.kind),
        "excludable": clause.is_excludable_for(Goods.TANGIBLE),
        "excludable_when": [str(goods) for goods in Goods if clause.is_excludable_for(goods)],
        "titles": clause.title.by_language(),
        "demands": clause.demand.by_language(),
        "evidence": [words.by_language() for words in clause.evidence],
        "points_status": str(clause.points_status),
        "kind_status": str(clause.kind_status),
        "text_status": str(clause.text_status),
    }


def _clause_line(clause: Clause) -> str:
    excludable = "|".join(goods for goods in Goods if clause.is_excludable_for(goods))
    points = f"{clause.points} {clause.kind} ({clause.points_status})"
    line = f"{clause.id}  {clause.title.en}  {clause.title.zh}  {points}"
    return f"{line}  excludable: {excludable}" if excludable else line


def _plain(value: object) -> Any:
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    if isinstance(value, Fraction | Decimal):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    return value
