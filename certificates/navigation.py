from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.web import navigation
from certbody.web.navigation import Entry
from certificates.permissions import COMMITTEE_READERS, reads_decisions

COMMITTEE = (*COMMITTEE_READERS, Role.COMMITTEE, Role.CHAIR)
CERTIFICATE_READERS = (
    *COMMITTEE_READERS,
    Role.PLANNER,
    Role.FINANCE,
    Role.COMPLAINTS,
    Role.REVIEWER,
    Role.CONTRACTS,
)


def _sits_or_reads(user: User) -> bool:
    return user.has_role(*COMMITTEE)


def _reads_certificates(user: User) -> bool:
    return user.has_role(*CERTIFICATE_READERS)


def register() -> None:
    navigation.register(
        "desk", Entry(label=_("Committee"), url_name="panels", icon="users", allowed=_sits_or_reads, order=50)
    )
    navigation.register(
        "desk",
        Entry(label=_("Decisions"), url_name="decisions", icon="gavel", allowed=reads_decisions, order=60),
    )
    navigation.register(
        "desk",
        Entry(
            label=_("Certificates"),
            url_name="certificates",
            icon="certificate",
            allowed=_reads_certificates,
            order=70,
        ),
    )
    navigation.register(
        "desk",
        Entry(
            label=_("Renewals"), url_name="renewals", icon="refresh", allowed=_reads_certificates, order=75
        ),
    )
    navigation.register(
        "public", Entry(label=_("Check a certificate"), url_name="register", icon="search", order=20)
    )
    navigation.register(
        "portal", Entry(label=_("Certificates"), url_name="portal_certificates", icon="certificate", order=60)
    )
