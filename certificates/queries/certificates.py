from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certbody import clock, facts
from certbody.accounts.models import Authorisation, User
from certbody.accounts.roles import ALL_CASES
from certbody.cases import queries as cases
from certbody.cases.models import Case
from certificates.folding import fold
from certificates.models import Certificate, Edition
from certificates.models.certificates import WHOLE_SCOPE
from certificates.permissions import authorisation_of
from certificates.queries.register import as_printed, public_certificates
from certificates.states import (
    PUBLIC_STATES,
    STANDING_STATES,
    CertificateState,
    EditionState,
    PublicStatus,
)

WITHHOLDING = {
    CertificateState.RESERVED: _("This certificate has not been issued yet."),
    CertificateState.VOID: _("This certificate was never issued."),
    CertificateState.SUSPENDED: _(
        "The certificate is suspended: no copy is handed out until the certification body restores it."
    ),
    **dict.fromkeys(
        (CertificateState.WITHDRAWN, CertificateState.CANCELLED, CertificateState.SUPERSEDED),
        _("The certificate no longer stands, so no copy is handed out; the public page says since when."),
    ),
}


def visible_to(user: User | AnonymousUser) -> QuerySet[Certificate]:
    """Certificates that a user may know of; numbers that are reserved or void only inside the body.

    Whoever is authorised to suspend and restore has to find them all.
    """
    certificates = Certificate.objects.select_related("case", "organisation", "decision", "continued_by")
    if not isinstance(user, User) or not user.is_active:
        return certificates.none()
    if user.has_role(*ALL_CASES) or authorisation_of(user, Authorisation.Kind.SUSPEND):
        return certificates
    if user.is_staff_member:
        return certificates.filter(case__in=cases.visible_to(user))
    return certificates.filter(organisation__in=user.organisations.values("pk"), state__in=PUBLIC_STATES)


def editions_visible_to(user: User | AnonymousUser) -> QuerySet[Edition]:
    return Edition.objects.filter(certificate__in=visible_to(user)).select_related("certificate__case")


def standing_certificates(case: Case) -> QuerySet[Certificate]:
    """Certificates of the organisation in this scheme and scope that nothing has ended or taken over yet."""
    return Certificate.objects.filter(
        organisation=case.organisation_id,
        scheme=case.scheme,
        scope_key=WHOLE_SCOPE,
        state__in=STANDING_STATES,
        continued_by=None,
    ).order_by("-id")


def certificate_of_case(case: Case) -> Certificate | None:
    return Certificate.objects.filter(case=case).exclude(state=CertificateState.VOID).order_by("-id").first()


def withholding(certificate: Certificate) -> "str | Promise":
    """Why the client is given no copy of a certificate now; empty while it is valid, and when it has only run out.

    A certificate that has run out says so itself: its last day is printed on it.

    Only this hand-over may wait for money, where the body's setting says so; nothing before it does.

    A copy that outlives its certificate deceives whoever is shown it; the public page tells the truth.
    """
    if sentence := WITHHOLDING.get(CertificateState(certificate.state), ""):
        return sentence
    return next(filter(None, facts.ask("unpaid", case=certificate.case)), "")


def current_edition(certificate: Certificate) -> Edition | None:
    """The edition in force; while the number is reserved the one being made."""
    editions = certificate.editions.filter(state__in=[EditionState.CURRENT, EditionState.RESERVED])
    return editions.order_by("-number").first()


def editions_in_force(certificate: Certificate) -> QuerySet[Edition]:
    """The edition that the holder may download, with its documents; none before the certificate is issued."""
    return certificate.editions.filter(state=EditionState.CURRENT).prefetch_related("documents__file")


def due_within(user: User, *, days: int) -> QuerySet[Certificate]:
    """Valid certificates whose last day lies within so many days."""
    today = clock.today()
    last = today.fromordinal(today.toordinal() + days)
    return visible_to(user).filter(
        Q(state=CertificateState.VALID), expires_on__gte=today, expires_on__lte=last, continued_by=None
    )


def in_state(rows: QuerySet[Certificate], state: str) -> QuerySet[Certificate]:
    """Those of a stored state; what has run out counts as expired whatever is stored, as on its own page."""
    today = clock.today()
    has_run_out = Q(state__in=STANDING_STATES, expires_on__lt=today)
    if state == PublicStatus.EXPIRED:
        return rows.filter(has_run_out)
    return rows.filter(state=state).exclude(has_run_out)


def searched(rows: QuerySet[Certificate], query: str) -> QuerySet[Certificate]:
    """Rows whose number or, folded as in the register, whose names and scope hold what was typed."""
    wanted = Q(searchable__contains=folded) if (folded := fold(query)) else Q(pk=None)
    if number := as_printed(query):
        wanted |= Q(number__contains=number)
    return rows.filter(wanted)


def public_to(user: User) -> QuerySet[Certificate]:
    """Certificates of the register that the user's own organisations hold or held."""
    return public_certificates().filter(pk__in=visible_to(user).values("pk"))
