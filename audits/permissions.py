"""Who takes part in an audit, with the reason why somebody else does not."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits.models import Audit, TeamMember, TeamRole
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.permissions import YES, Rule, Verdict, has_role, no

SCORING_ROLES = (TeamRole.LEAD, TeamRole.AUDITOR)


def audit_of(obj: Any) -> Audit:
    return obj if isinstance(obj, Audit) else obj.audit


def is_on_team(user: User | None, audit: Audit, *roles: str) -> bool:
    """Whether the person behind an active account has an open place in the team, in one of the roles."""
    if user is None or not user.is_active:
        return False
    return TeamMember.objects.filter(
        audit=audit, person_id=user.person_id, ended_at=None, role__in=roles
    ).exists()


def _team_rule(roles: tuple[str, ...], reason: "str | Promise", words: str) -> Rule:
    def judge(user: User | None, obj: Any) -> Verdict:
        return YES if is_on_team(user, audit_of(obj), *roles) else no(reason)

    return Rule(judge, words)


plans = has_role(Role.PLANNER)
leads = _team_rule(
    (TeamRole.LEAD,), _("This is done by the lead auditor of this audit."), "lead auditor of the audit"
)
audits = _team_rule(SCORING_ROLES, _("This is done by the auditors of this audit."), "auditors of the audit")
reviews_reports = has_role(Role.TECHNICAL_REVIEWER)
