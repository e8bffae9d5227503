"""Score sheets of the demo: which clauses fail so that a wanted grade comes out."""

from fractions import Fraction

from certbody.scheme.marks import Mark, Met, Sampled
from certbody.scheme.model import ClauseKind, Scheme

# Points lost on the way to each grade; the engine decides what grade that is.
LOST = {"star5": 3, "star4": 8, "star3": 15, "qualified": 24, "fail": 38}
SAMPLE = 10


def marks_for(scheme: Scheme, grade: str) -> dict[str, Mark]:
    """Marks for every clause: points are lost from the last clause on until the grade's share is gone."""
    to_lose = Fraction(LOST[grade])
    marks: dict[str, Mark] = {}
    for clause in reversed(scheme.clauses):
        if clause.kind == ClauseKind.SAMPLED:
            failed = min(SAMPLE // 2, int(to_lose * SAMPLE / clause.points)) if to_lose > 0 else 0
            marks[clause.id] = Sampled(SAMPLE, failed)
            to_lose -= clause.points * Fraction(failed, SAMPLE)
        else:
            is_met = clause.points > to_lose
            marks[clause.id] = Met(is_met)
            to_lose -= 0 if is_met else clause.points
    return {clause.id: marks[clause.id] for clause in scheme.clauses}
