"""Head office, branches and outlets added up, and the service managers that follow from them (5.1.2.2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from applications.models import Site
from applications.models.application import managers_needed
from applications.states import SiteKind

FIGURES = ("headcount", "service_management_headcount", "managers_trained")


@dataclass(frozen=True)
class Totals:
    """The figures of some sites. A figure is None as long as one of the sites lacks it: half a sum says nothing."""

    sites: int
    headcount: int | None
    service_management_headcount: int | None
    managers_trained: int | None

    @property
    def is_whole(self) -> bool:
        return all(getattr(self, name) is not None for name in FIGURES)

    @property
    def managers_needed(self) -> int | None:
        """Ceiling of 10 % of the people in service management, at least one (clause 5.1.2.2)."""
        if self.service_management_headcount is None:
            return None
        return managers_needed(self.service_management_headcount)

    def as_values(self) -> dict[str, int | None]:
        return {name: getattr(self, name) for name in FIGURES}


@dataclass(frozen=True)
class TotalsOfKind:
    label: str
    totals: Totals


def totals_of(sites: Iterable[Site]) -> Totals:
    rows = list(sites)
    sums = {name: _sum([getattr(site, name) for site in rows]) for name in FIGURES}
    return Totals(sites=len(rows), **sums)


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def totals_by_kind(sites: Iterable[Site]) -> list[TotalsOfKind]:
    """One line for each kind of site that there is, in the order head office, branches, outlets."""
    rows = list(sites)
    return [
        TotalsOfKind(str(kind.label), totals_of(of_kind))
        for kind in SiteKind
        if (of_kind := [site for site in rows if site.kind == kind])
    ]
