from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audits import queries
from audits.states import TONES, AuditState, client_finding_label, client_label
from certbody import workflow
from certbody.body.queries import scheme_of
from certbody.web.views import client_page, user_of, visible_or_404

# states from which on the client knows the conclusion of stage 1
_CONCLUDED = frozenset(
    {AuditState.STAGE1, AuditState.NOT_READY, AuditState.STAGE2, AuditState.SCORED, AuditState.CLOSED}
)


@client_page
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan and team to confirm, the conclusion of stage 1, the findings to answer; never points or a grade."""
    user = user_of(request)
    audit = visible_or_404(queries.visible_to(user), pk=pk)
    scheme = scheme_of(audit.case)
    rows = [
        {
            "finding": one,
            "tone": TONES[one.state],
            "label": client_finding_label(one.state),
            "ground": scheme.ground(one.ground).name,
            "is_mine": bool(workflow.offers(one, user)),
        }
        for one in queries.findings_of(audit)
    ]
    context = {
        "audit": audit,
        "case": audit.case,
        "tone": TONES[audit.state],
        "label": client_label(audit.state),
        "team": list(queries.team_of(audit)) if audit.proposed_at else [],
        "shows_conclusion": audit.state in _CONCLUDED and audit.stage1_conclusion,
        "is_mine": bool(workflow.offers(audit, user)),
        "rows": rows,
        "waits": any(row["is_mine"] for row in rows),
    }
    return render(request, "audits/client.html", context)
