from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may do for the body; the client's rights come from memberships, not from a role."""

    REVIEWER = "reviewer", _("application reviewer")
    CONTRACTS = "contracts", _("contract officer")
    PLANNER = "planner", _("audit planner")
    AUDITOR = "auditor", _("auditor")
    EXPERT = "expert", _("technical expert")
    TECHNICAL_REVIEWER = "technical_reviewer", _("technical reviewer")
    COMMITTEE = "committee", _("committee member")
    CHAIR = "chair", _("committee chair")
    SECRETARY = "secretary", _("committee secretary")
    CERTIFICATES = "certificates", _("certificate officer")
    HEAD = "head", _("head of the body")
    FINANCE = "finance", _("finance")
    COMPLAINTS = "complaints", _("complaints officer")
    QUALITY = "quality", _("quality manager")
    INSPECTOR = "inspector", _("inspector")
    ADMINISTRATOR = "administrator", _("administrator")


# Who evaluates, reviews, votes or signs is known by an identity document, so that one human being with two accounts
# is recognised where independence asks for it.
KNOWN_BY_IDENTITY = frozenset(
    {Role.AUDITOR, Role.EXPERT, Role.TECHNICAL_REVIEWER, Role.COMMITTEE, Role.CHAIR, Role.HEAD}
)

# Who keeps the keys or looks on for others holds no second office, so that administrator, inspector and quality manager
# are three people.
HELD_ALONE = frozenset({Role.ADMINISTRATOR, Role.INSPECTOR})

# Roles that see every case; auditors, experts and committee members see the cases they are appointed to.
ALL_CASES = frozenset(
    {
        Role.REVIEWER,
        Role.CONTRACTS,
        Role.PLANNER,
        Role.TECHNICAL_REVIEWER,
        Role.SECRETARY,
        Role.CERTIFICATES,
        Role.HEAD,
        Role.FINANCE,
        Role.COMPLAINTS,
        Role.QUALITY,
        Role.INSPECTOR,
    }
)
