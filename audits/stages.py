from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audits.models import Audit
from audits.states import AuditState
from certbody.cases.models import Case, CaseKind
from certbody.web.stages import Stage, StageState

PLANNING, STAGE1, STAGE2, REPORT = 30, 40, 50, 60
_ORDER = {
    AuditState.PLANNED: PLANNING,
    AuditState.CONFIRMED: PLANNING,
    AuditState.STAGE1: STAGE1,
    AuditState.NOT_READY: STAGE1,
    AuditState.STAGE2: STAGE2,
    AuditState.SCORED: REPORT,
    AuditState.CLOSED: REPORT + 1,
}


def stages_of(*, cases: Sequence[Case]) -> dict[int, list[Stage]]:
    """The four stages of each audit, all of them ahead while none is opened; a change has none before it is opened."""
    states = dict(Audit.objects.filter(case__in=cases).values_list("case", "state"))
    return {
        case.pk: _stages(_ORDER[AuditState(states[case.pk])] if case.pk in states else 0)
        for case in cases
        if case.pk in states or case.kind != CaseKind.CHANGE
    }


def _stages(now: int) -> list[Stage]:
    def state(order: int) -> str:
        if order == now:
            return StageState.CURRENT
        return StageState.DONE if order < now else StageState.FUTURE

    return [
        Stage(PLANNING, _("Audit plan"), state(PLANNING)),
        Stage(STAGE1, _("Stage 1"), state(STAGE1)),
        Stage(STAGE2, _("Stage 2"), state(STAGE2)),
        Stage(REPORT, _("Report"), state(REPORT)),
    ]
