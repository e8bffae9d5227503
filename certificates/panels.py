"""What this floor contributes to home and case pages."""

from django.utils.translation import gettext_lazy as _

from audits.queries import released_report
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Case
from certbody.web import panels
from certbody.web.panels import Panel
from certificates.models import Certificate
from certificates.navigation import CERTIFICATE_READERS
from certificates.queries.certificates import due_within, visible_to
from certificates.queries.committee import decisions_visible_to, panels_visible_to
from certificates.queries.register import entry_of, public_certificates
from certificates.states import DecisionState, PanelState

EXPIRING_DAYS = 90


def expiring(user: User, case: Case | None = None) -> Panel | None:
    """Certificates in their last ninety days, for those who look after them."""
    if not user.has_role(*CERTIFICATE_READERS):
        return None
    rows = list(due_within(user, days=EXPIRING_DAYS).order_by("expires_on")[:8])
    return (
        Panel(_("Expiring within 90 days"), "certificates/panels/expiring.html", {"rows": rows})
        if rows
        else None
    )


def decision_of_case(user: User, case: Case | None = None) -> Panel | None:
    """Votes, decisions and certificates of a case, as far as the reader may know of them."""
    if case is None:
        return None
    context = {
        "case": case,
        "panels": list(panels_visible_to(user).filter(case=case)),
        "decisions": list(decisions_visible_to(user).filter(case=case)),
        "certificates": list(visible_to(user).filter(case=case)),
        "may_open": user.has_role(Role.SECRETARY) and _awaits_a_panel(case),
    }
    shown = any(context[key] for key in ("panels", "decisions", "certificates", "may_open"))
    return Panel(_("Decision and certificate"), "certificates/panels/case.html", context) if shown else None


def _awaits_a_panel(case: Case) -> bool:
    report = released_report(case)
    if report is None or case.panels.filter(state=PanelState.OPEN).exists():
        return False
    return not report.decisions.exclude(state=DecisionState.RETURNED).exists()


def client_case(user: User, case: Case | None = None) -> Panel | None:
    if case is None:
        return None
    decisions = list(decisions_visible_to(user).filter(case=case))
    certificates = [entry_of(found) for found in public_certificates().filter(case=case)]
    if not decisions and not certificates:
        return None
    context = {"decisions": decisions, "certificates": certificates}
    return Panel(_("Decision and certificate"), "certificates/panels/client.html", context)


def client_home(user: User, case: Case | None = None) -> Panel | None:
    own = Certificate.objects.filter(organisation__in=user.organisations.values("pk")).values("pk")
    entries = [entry_of(found) for found in public_certificates().filter(pk__in=own).order_by("-id")[:10]]
    if not entries:
        return None
    return Panel(
        _("Certificates"), "certificates/panels/client.html", {"decisions": [], "certificates": entries}
    )


def register() -> None:
    panels.register("desk_home", expiring, order=70)
    panels.register("desk_case", decision_of_case, order=70)
    panels.register("portal_case", client_case, order=5)
    panels.register("portal_home", client_home, order=20)
