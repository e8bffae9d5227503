from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits import queries
from audits.models import QualificationKind
from audits.states import TONES, AuditState, client_label
from certbody import clock
from certbody.accounts.models import Person, User
from certbody.accounts.roles import Role
from certbody.cases.models import Case
from certbody.web.panels import Panel

MOST = 8


def desk_case(user: User, case: Case | None = None) -> Panel | None:
    """The audit of a case, for people of the body."""
    audit = queries.audit_of_case(case) if case else None
    if audit is None:
        return None
    data = {"audit": audit, "tone": TONES[audit.state], "team": list(queries.team_of(audit))}
    return Panel(_("Audit"), "audits/panels/desk_case.html", data)


def portal_case(user: User, case: Case | None = None) -> Panel | None:
    """The audit of a case, for the client."""
    audit = queries.audit_of_case(case) if case else None
    if audit is None:
        return None
    data = {
        "audit": audit,
        "tone": TONES[audit.state],
        "label": client_label(audit.state),
        "open_findings": queries.open_findings(audit).count(),
    }
    return Panel(_("Audit"), "audits/panels/portal_case.html", data)


def my_audits(user: User, case: Case | None = None) -> Panel | None:
    """The running audits on whose team the reader is."""
    if not user.has_role(Role.AUDITOR, Role.EXPERT):
        return None
    mine = Q(team__person_id=user.person_id, team__ended_at=None)
    audits = (
        queries.visible_to(user).filter(mine).exclude(state=AuditState.CLOSED).order_by("stage2_from", "id")
    )
    rows = [{"audit": audit, "tone": TONES[audit.state]} for audit in audits[:MOST]]
    return Panel(_("My audits"), "audits/panels/my_audits.html", {"rows": rows})


def capacity_note(*, case: Case) -> str:
    """How many lead auditors and auditors are qualified today, for the review of an application."""
    today = clock.today()
    valid = Q(qualifications__valid_from__lte=today) & (
        Q(qualifications__valid_until=None) | Q(qualifications__valid_until__gte=today)
    )
    counts: dict[str, Any] = Person.objects.aggregate(
        lead=Count("pk", filter=valid & Q(qualifications__kind=QualificationKind.LEAD), distinct=True),
        auditor=Count("pk", filter=valid & Q(qualifications__kind=QualificationKind.AUDITOR), distinct=True),
        expert=Count("pk", filter=valid & Q(qualifications__kind=QualificationKind.EXPERT), distinct=True),
    )
    return (
        gettext(
            "Qualified today: %(lead)s lead auditors, %(auditor)s auditors, %(expert)s technical experts."
        )
        % counts
    )
