"""The four forms of a mark, and how each earns points (GB/T 27922-2011, 6.2)."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, assert_never

from certbody.scheme.model import Clause


@dataclass(frozen=True, slots=True)
class Met:
    """A fixed clause is met or not: all of its points or none."""

    met: bool


@dataclass(frozen=True, slots=True)
class Sampled:
    """Of `sampled` like samples `failed` did not conform: that share of the points is lost."""

    sampled: int
    failed: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """The clause does not apply; its points leave the base. The reason is mandatory."""

    reason: str


@dataclass(frozen=True, slots=True)
class EmptyPopulation:
    """A sampled clause with nothing to sample is judged met or not, with a written reason."""

    met: bool
    note: str


Mark = Met | Sampled | Excluded | EmptyPopulation


def points_obtained(clause: Clause, mark: Mark) -> Fraction | None:
    """The exact points that a mark earns; None when the clause is excluded and leaves the base."""
    match mark:
        case Excluded():
            return None
        case Sampled(sampled=sampled, failed=failed):
            return clause.points * Fraction(sampled - failed, sampled)
        case Met(met=met) | EmptyPopulation(met=met):
            return clause.points if met else Fraction(0)
        case _:
            assert_never(mark)


def mark_as_json(mark: Mark) -> dict[str, Any]:
    """The mark as it stands in a score sheet."""
    match mark:
        case Met(met=met):
            return {"met": met}
        case Sampled(sampled=sampled, failed=failed):
            return {"sampled": sampled, "failed": failed}
        case Excluded(reason=reason):
            return {"excluded": reason}
        case EmptyPopulation(met=met, note=note):
            return {"population": 0, "met": met, "note": note}
        case _:
            assert_never(mark)
