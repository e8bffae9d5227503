"""Score sheets drawn by chance, but always the same: for the comparison of both engines and for the benchmark."""

from random import Random
from typing import Any

from certbody.scheme.model import Clause, ClauseKind, Goods, Scheme


def sheets_by_chance(scheme: Scheme, count: int) -> list[dict[str, Any]]:
    """`count` sheets without a fault: fixed and sampled marks, exclusions, empty populations, specials, bonus."""
    chance = Random(27922)
    return [_sheet(scheme, chance, chance.choice(list(Goods))) for _ in range(count)]


def _sheet(scheme: Scheme, chance: Random, goods: Goods) -> dict[str, Any]:
    strictness = chance.choice([0.0, 0.02, 0.1, 0.4, 1.0])
    marks = {clause.id: _mark(clause, chance, goods, strictness) for clause in scheme.clauses}
    grounds = [ground.key for ground in scheme.rules.grounds]
    deductions = chance.choice([0, 0, 1, 2, 4, 5, 9])
    sheet = {
        "scheme": scheme.id,
        "goods": str(goods),
        "marks": marks,
        "specials": [{"ground": chance.choice(grounds), "note": "seen on site"} for _ in range(deductions)],
    }
    return sheet | {"bonus": {"note": "rewarded by the city"}} if chance.random() < 0.4 else sheet


def _mark(clause: Clause, chance: Random, goods: Goods, strictness: float) -> dict[str, Any]:
    if clause.is_excludable_for(goods) and chance.random() < 0.3:
        return {"excluded": "not in this trade"}
    is_met = chance.random() >= strictness
    if clause.kind is ClauseKind.FIXED:
        return {"met": is_met}
    if chance.random() < 0.1:
        return {"population": 0, "met": is_met, "note": "procedure seen"}
    sampled = chance.choice([1, 3, 7, 30, 97, 99_991])
    return {"sampled": sampled, "failed": 0 if is_met else chance.randint(0, sampled)}
