"""A score sheet: the marks of one audit on one scoring table, checked as a whole, faults named by path."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from certbody.scheme.faults import Fault, SheetFaults, gettext_noop, path_of, quoted
from certbody.scheme.marks import EmptyPopulation, Excluded, Mark, Met, Sampled, mark_as_json
from certbody.scheme.model import Clause, ClauseKind, Goods, Scheme


@dataclass(frozen=True, slots=True)
class Special:
    """One special deduction; `ground` is a key of the scheme's grounds."""

    ground: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bonus:
    """The special bonus; there is at most one."""

    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """A complete and valid sheet. `status` is that of the scoring table: `draft` or `confirmed`."""

    scheme: Scheme
    status: str
    marks: Mapping[str, Mark]
    goods: Goods = Goods.TANGIBLE
    specials: tuple[Special, ...] = ()
    bonus: Bonus | None = None

    def as_dict(self) -> dict[str, Any]:
        """The sheet in the form that `parse_sheet` reads."""
        sheet: dict[str, Any] = {
            "scheme": self.scheme.id,
            "version": self.scheme.version,
            "goods": str(self.goods),
            "marks": {clause_id: mark_as_json(mark) for clause_id, mark in self.marks.items()},
            "specials": [{"ground": special.ground, "note": special.note} for special in self.specials],
        }
        return sheet if self.bonus is None else sheet | {"bonus": {"note": self.bonus.note}}


# from a scheme's id and, when the sheet names one, a version, to the table and its status;
# raises UnknownSchemeError or UnknownVersionError
Resolver = Callable[[str, str | None], tuple[Scheme, str]]


def build_sheet(
    scheme: Scheme,
    status: str,
    marks: Mapping[str, Mark],
    *,
    goods: Goods = Goods.TANGIBLE,
    specials: Sequence[Special] = (),
    bonus: Bonus | None = None,
) -> Sheet:
    """A sheet from typed marks; `SheetFaults` under the same paths as for a sheet in a file."""
    faults = [
        *mark_faults(scheme, marks, goods),
        *missing_clauses(scheme, marks),
        *everything_excluded(scheme, marks),
        *special_faults(scheme, specials, bonus),
    ]
    if faults:
        raise SheetFaults(faults)
    return Sheet(scheme, status, dict(marks), goods, tuple(specials), bonus)


def mark_faults(scheme: Scheme, marks: Mapping[str, Mark], goods: Goods | None) -> Iterator[Fault]:
    """Faults of the marks that are given: unknown clause, wrong kind, impossible counts, refused exclusion.

    `goods` is None while the kind of goods is not known: then a clause may be excluded if any kind allows it.
    """
    for clause_id, mark in marks.items():
        if scheme.has_clause(clause_id):
            yield from _mark_faults(scheme.clause(clause_id), mark, goods)
        else:
            yield Fault(path_of("marks", clause_id), gettext_noop("is not a clause of this scheme"))


def missing_clauses(scheme: Scheme, given: Container[str]) -> Iterator[Fault]:
    for clause in scheme.clauses:
        if clause.id not in given:
            yield Fault(path_of("marks", clause.id), gettext_noop("is missing"))


def everything_excluded(scheme: Scheme, marks: Mapping[str, Mark]) -> Iterator[Fault]:
    if all(isinstance(marks.get(clause.id), Excluded) for clause in scheme.clauses):
        yield Fault("marks", gettext_noop("every clause is excluded, so there is nothing to score"))


def special_faults(
    scheme: Scheme, specials: Sequence[Special | None], bonus: Bonus | None
) -> Iterator[Fault]:
    """Unknown grounds, and a bonus where the scheme has none. None is a deduction that could not be read."""
    known = [ground.key for ground in scheme.rules.grounds]
    for index, special in enumerate(specials):
        if special is not None and special.ground not in known:
            params = {"value": quoted(special.ground), "known": ", ".join(known)}
            at = path_of("specials", index, "ground")
            yield Fault(at, gettext_noop("is %(value)s, not one of: %(known)s"), params)
    if bonus is not None and scheme.rules.bonus_max_count == 0:
        yield Fault("bonus", gettext_noop("this scheme has no special bonus"))


def _mark_faults(clause: Clause, mark: Mark, goods: Goods | None) -> Iterator[Fault]:
    at = path_of("marks", clause.id)
    match mark:
        case Met() if clause.kind is ClauseKind.SAMPLED:
            wanted = gettext_noop(
                "this clause is sampled: give sampled and failed, or population 0 with met and note"
            )
            yield Fault(at, wanted)
        case Sampled() | EmptyPopulation() if clause.kind is ClauseKind.FIXED:
            yield Fault(at, gettext_noop("this clause is not sampled: give met"))
        case _:
            pass
    match mark:
        case Sampled():
            yield from _count_faults(at, mark)
        case EmptyPopulation(note=note) if not note.strip():
            yield Fault(f"{at}.note", gettext_noop("must say why there was nothing to sample"))
        case Excluded(reason=reason):
            if not reason.strip():
                yield Fault(f"{at}.excluded", gettext_noop("must give the reason of the exclusion"))
            if not any(clause.is_excludable_for(kind) for kind in ([goods] if goods else Goods)):
                yield Fault(f"{at}.excluded", gettext_noop("this clause may not be excluded for these goods"))
        case _:
            pass


def _count_faults(at: str, mark: Sampled) -> Iterator[Fault]:
    if mark.sampled < 1:
        yield Fault(f"{at}.sampled", gettext_noop("must be at least 1"))
    if mark.failed < 0:
        yield Fault(f"{at}.failed", gettext_noop("must be at least 0"))
    if mark.failed > mark.sampled:
        yield Fault(f"{at}.failed", gettext_noop("must not be more than sampled"))
