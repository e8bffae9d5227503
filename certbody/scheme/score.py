"""Scoring by GB/T 27922-2011, 6: exact rationals, thresholds on the exact number, display rounded down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from certbody.scheme.marks import Mark, points_obtained
from certbody.scheme.model import Clause, GradeKey, Scheme
from certbody.scheme.sheet import Sheet

PLACES_ON_PAGES = 2
PLACES_IN_FILES = 6


@dataclass(frozen=True, slots=True)
class SectionScore:
    """Points obtained of the points that apply."""

    obtained: Fraction
    applicable: Fraction


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """A section while its sheet is incomplete.

    `obtained` counts the answered clauses and `judged` is what they could earn; `applicable` is every point of the
    section that is not excluded. `answered` and `total` are numbers of clauses.
    """

    obtained: Fraction
    judged: Fraction
    applicable: Fraction
    answered: int
    total: int


@dataclass(frozen=True)
class Result:
    """The result of a complete sheet; every number is exact."""

    scheme_id: str
    version: str
    status: str
    obtained: Fraction
    applicable: Fraction
    score: Fraction
    special_deductions: int
    bonus: int
    final: Fraction
    grade: GradeKey
    sections: Mapping[str, SectionScore]

    @property
    def is_passed(self) -> bool:
        return self.grade is not GradeKey.FAIL

    def as_dict(self) -> dict[str, Any]:
        """The result as commands show it: six places rounded down, the final number also as a fraction."""
        return {
            "scheme": self.scheme_id,
            "version": self.version,
            "status": self.status,
            "obtained": display(self.obtained, PLACES_IN_FILES),
            "applicable": display(self.applicable, PLACES_IN_FILES),
            "score": display(self.score, PLACES_IN_FILES),
            "special_deductions": self.special_deductions,
            "bonus": self.bonus,
            "final": display(self.final, PLACES_IN_FILES),
            "final_exact": f"{self.final.numerator}/{self.final.denominator}",
            "grade": str(self.grade),
            "passed": self.is_passed,
            "sections": {
                section_id: {
                    "obtained": display(section.obtained, PLACES_IN_FILES),
                    "applicable": display(section.applicable, PLACES_IN_FILES),
                }
                for section_id, section in self.sections.items()
            },
        }


def score(scheme: Scheme, sheet: Sheet) -> Result:
    """The result of a sheet on the table that it was made for; ValueError for any other table.

    Obtained over applicable times 100; then special deductions are taken off and the bonus is added, outside
    the score; at most 100, at least 0 (GB/T 27922-2011, 6.2). Five deductions fail whatever the score.
    """
    if scheme.hash != sheet.scheme.hash:
        raise ValueError("a sheet is scored on the table that it was made for")
    rules = scheme.rules
    sections = {
        group.id: _section_score(_clauses_in(scheme, group.id), sheet.marks) for group in scheme.level1
    }
    obtained = sum((section.obtained for section in sections.values()), Fraction(0))
    applicable = sum((section.applicable for section in sections.values()), Fraction(0))
    normalised = obtained / applicable * 100
    deductions, bonus = len(sheet.specials), 0 if sheet.bonus is None else 1
    final = normalised - deductions * rules.deduction_points + bonus * rules.bonus_points
    final = max(Fraction(0), min(rules.cap, final))
    return Result(
        scheme_id=scheme.id,
        version=scheme.version,
        status=sheet.status,
        obtained=obtained,
        applicable=applicable,
        score=normalised,
        special_deductions=deductions,
        bonus=bonus,
        final=final,
        grade=grade_for(scheme, final, deductions),
        sections=sections,
    )


def grade_for(scheme: Scheme, final: Fraction, special_deductions: int) -> GradeKey:
    """The highest grade whose threshold the exact number reaches; enough deductions fail on their own."""
    if special_deductions >= scheme.rules.fail_special_deductions:
        return GradeKey.FAIL
    reached = [grade.key for grade in scheme.grades if final >= grade.min_score]
    return reached[-1] if reached else GradeKey.FAIL


def progress(scheme: Scheme, marks: Mapping[str, Mark]) -> dict[str, SectionProgress]:
    """How far an incomplete sheet is, by the id of each group of level 1 and each item of level 2."""
    sections = {item.id: _section_progress(list(scheme.clauses_of(item.id)), marks) for item in scheme.level2}
    for group in scheme.level1:
        sections[group.id] = _section_progress(_clauses_in(scheme, group.id), marks)
    return sections


def progress_of_all(scheme: Scheme, marks: Mapping[str, Mark]) -> SectionProgress:
    """How far an incomplete sheet is as a whole."""
    return _section_progress(list(scheme.clauses), marks)


def display(number: Fraction, places: int = PLACES_ON_PAGES) -> str:
    """The number with a fixed number of decimal places, rounded down: 94.996 is shown as 94.99."""
    if number < 0:
        raise ValueError("points are never below zero")
    whole, rest = divmod(number.numerator * 10**places // number.denominator, 10**places)
    return f"{whole}.{rest:0{places}d}"


def _clauses_in(scheme: Scheme, level1_id: str) -> list[Clause]:
    return [clause for clause in scheme.clauses if clause.section == level1_id]


def _section_score(clauses: Iterable[Clause], marks: Mapping[str, Mark]) -> SectionScore:
    obtained = applicable = Fraction(0)
    for clause in clauses:
        points = points_obtained(clause, marks[clause.id])
        if points is not None:
            obtained += points
            applicable += clause.points
    return SectionScore(obtained, applicable)


def _section_progress(clauses: list[Clause], marks: Mapping[str, Mark]) -> SectionProgress:
    obtained = judged = applicable = Fraction(0)
    answered = 0
    for clause in clauses:
        mark = marks.get(clause.id)
        if mark is None:
            applicable += clause.points
            continue
        answered += 1
        points = points_obtained(clause, mark)
        if points is not None:
            obtained += points
            judged += clause.points
            applicable += clause.points
    return SectionProgress(obtained, judged, applicable, answered, len(clauses))
