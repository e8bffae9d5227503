from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.utils.functional import Promise

from certbody import facts
from certbody.cases.models import Case


class StageState(StrEnum):
    DONE = "done"
    CURRENT = "current"
    FUTURE = "future"
    ENDED = "ended"


@dataclass(frozen=True)
class Stage:
    """One dot on the client's row of stages; the case goes no further after one that is `ended`."""

    order: int
    label: str | Promise
    state: str


StagesByCase = Mapping[int, Sequence[Stage]]


def stages_of(case: Case) -> list[Stage]:
    """The stages that every floor reports for a case, in the order of the procedure."""
    return stages_of_cases([case])[case.pk]


def stages_of_cases(cases: Sequence[Case]) -> dict[int, list[Stage]]:
    """The stages of many cases, by the case, in as many queries as those of one."""
    found: dict[int, list[Stage]] = {case.pk: [] for case in cases}
    answers: list[StagesByCase] = facts.ask("stages", cases=cases)
    for answer in answers:
        for case, stages in answer.items():
            found[case] += stages
    return {case: _with_turn(sorted(stages, key=_order)) for case, stages in found.items()}


def is_open(stages: Sequence[Stage]) -> bool:
    """Whether the case goes on."""
    return any(stage.state == StageState.CURRENT for stage in stages)


def _order(stage: Stage) -> int:
    return stage.order


def _with_turn(stages: list[Stage]) -> list[Stage]:
    """Between two stages, when one is done and the next not begun, it is the turn of the next."""
    states = [stage.state for stage in stages]
    if StageState.DONE in states and not {StageState.CURRENT, StageState.ENDED}.intersection(states):
        next_one = next((stage for stage in stages if stage.state == StageState.FUTURE), None)
        return [replace(stage, state=StageState.CURRENT) if stage is next_one else stage for stage in stages]
    return stages
