"""Sheets for the tests: a full one as JSON values, and strategies that draw marks for every clause."""

import copy
from fractions import Fraction
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from certbody.scheme.load import shipped
from certbody.scheme.marks import EmptyPopulation, Excluded, Mark, Met, Sampled
from certbody.scheme.model import Clause, ClauseKind, Goods, Scheme, UnknownSchemeError, UnknownVersionError
from certbody.scheme.score import Result, score
from certbody.scheme.sheet import Special, build_sheet

SCHEME = shipped("gbt27922-2011")
FIXED = "5.1.1.1"
SAMPLED = "5.1.1.2"
NEVER_EXCLUDABLE = "5.1.2.1"
quick = settings(max_examples=60, deadline=None, derandomize=True)


def resolve(scheme_id: str, version: str | None) -> tuple[Scheme, str]:
    if scheme_id != SCHEME.id:
        raise UnknownSchemeError(scheme_id)
    if version not in {None, SCHEME.version}:
        raise UnknownVersionError(version)
    return SCHEME, "draft"


def full_sheet() -> dict[str, Any]:
    marks = {
        clause.id: {"met": True} if clause.kind is ClauseKind.FIXED else {"sampled": 10, "failed": 0}
        for clause in SCHEME.clauses
    }
    return {"scheme": SCHEME.id, "marks": marks}


def changed(path: list[str | int], value: Any) -> dict[str, Any]:
    """A full sheet in which the member at the path has another value."""
    sheet = copy.deepcopy(full_sheet())
    target: Any = sheet
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return sheet


def all_met() -> dict[str, Mark]:
    return {
        clause.id: Met(met=True) if clause.kind is ClauseKind.FIXED else Sampled(10, 0)
        for clause in SCHEME.clauses
    }


def marks_losing(share: Fraction) -> dict[str, Mark]:
    """Sampled clauses lose this share of their points, fixed ones are met."""
    failed = Sampled(share.denominator, share.numerator)
    return {
        clause.id: Met(met=True) if clause.kind is ClauseKind.FIXED else failed for clause in SCHEME.clauses
    }


def marks_for_score(score: Fraction) -> dict[str, Mark]:
    """Marks on the shipped table whose score is exactly this one, from 36 to 100."""
    sampled = sum(clause.points for clause in SCHEME.clauses if clause.kind is ClauseKind.SAMPLED)
    return marks_losing((100 - score) / sampled)


def deductions(count: int) -> list[Special]:
    return [Special("law", "n")] * count


def score_of(marks: dict[str, Mark], **members: Any) -> Result:
    return score(SCHEME, build_sheet(SCHEME, "draft", marks, **members))


def judged(clause: Clause) -> st.SearchStrategy[Mark]:
    """Any mark of the clause that keeps it in the base."""
    flag = st.booleans()
    if clause.kind is ClauseKind.FIXED:
        return flag.map(lambda met: Met(met=met))
    counts = st.integers(1, 60).flatmap(
        lambda sampled: st.integers(0, sampled).map(lambda failed: Sampled(sampled, failed))
    )
    return counts | flag.map(lambda met: EmptyPopulation(met=met, note="procedure seen"))


def any_mark(clause: Clause) -> st.SearchStrategy[Mark]:
    if clause.is_excludable_for(Goods.TANGIBLE):
        return judged(clause) | st.just(Excluded("not in this trade"))
    return judged(clause)


full_marks = st.fixed_dictionaries({clause.id: any_mark(clause) for clause in SCHEME.clauses})
