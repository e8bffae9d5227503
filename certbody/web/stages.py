from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise

from certbody import facts
from certbody.cases.models import Case


class StageState(StrEnum):
    DONE = "done"
    CURRENT = "current"
    FUTURE = "future"


@dataclass(frozen=True)
class Stage:
    """One dot on the client's row of stages."""

    order: int
    label: str | Promise
    state: str


def stages_of(case: Case) -> list[Stage]:
    """The stages that every floor reports for a case, in the order of the procedure."""
    return sorted(
        (stage for stages in facts.ask("stages", case=case) for stage in stages),
        key=lambda stage: stage.order,
    )
