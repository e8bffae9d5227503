"""What this floor knows of applications that renew or change a certificate, and what it answers about certificates."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from applications.catalogue.kinds import asked_of
from applications.models import Application, Contract
from applications.queries.held import HeldCertificate, HeldSite
from applications.states import ApplicationKind, ApplicationState
from certbody.accounts.models import Organisation, User
from certbody.cases.models import Case, CaseKind
from certbody.trail.models import Event
from certbody.workflow import Missing, NotReady
from certificates.models import ApplicationSubject, Certificate, Edition
from certificates.states import PUBLIC_STATES, EditionState


def held(certificate: Certificate, edition: Edition | None) -> HeldCertificate:
    """What the current edition prints; a certificate without one prints nothing."""
    printed = edition.facts if edition is not None else {}
    sites = tuple(
        HeldSite(
            name=site.get("name_zh", ""),
            name_en=site.get("name_en", ""),
            address=site.get("address_zh", ""),
            address_en=site.get("address_en", ""),
            activity=site.get("activity_zh", ""),
            activity_en=site.get("activity_en", ""),
        )
        for site in printed.get("sites", ())
    )
    return HeldCertificate(
        number=certificate.number,
        scheme=certificate.scheme,
        state=certificate.state,
        grade=certificate.grade,
        cycle=certificate.cycle,
        case_id=certificate.case_id,
        name=printed.get("client_name_zh", ""),
        name_en=printed.get("client_name_en", ""),
        address=printed.get("client_address_zh", ""),
        address_en=printed.get("client_address_en", ""),
        scope=printed.get("scope_zh", ""),
        scope_en=printed.get("scope_en", ""),
        sites=sites,
        first_issued_on=certificate.first_issued_on,
        expires_on=certificate.expires_on,
        is_continued=certificate.continued_by_id is not None,
    )


def certificates_of(*, organisation: Organisation) -> list[HeldCertificate]:
    """Every issued certificate of an organisation, the newest first."""
    rows = list(
        Certificate.objects.filter(organisation=organisation, state__in=PUBLIC_STATES).order_by("-id")
    )
    current = Edition.objects.filter(certificate__in=rows, state=EditionState.CURRENT)
    editions = {edition.certificate_id: edition for edition in current}
    return [held(row, editions.get(row.pk)) for row in rows]


def subject_of(*, application: Application) -> HeldCertificate | None:
    """The certificate that an application renews or changes, as it stands today."""
    subject = ApplicationSubject.objects.filter(application=application).select_related("certificate").first()
    if subject is None:
        return None
    current = subject.certificate.editions.filter(state=EditionState.CURRENT).first()
    return held(subject.certificate, current)


def link_to_certificate(application: Application, _actor: User | None, event: Event) -> None:
    """A begun application is tied to the certificate from which it was filled."""
    number = event.data.get("certificate")
    if not number:
        return
    certificate = Certificate.objects.filter(
        number=number, organisation=application.case.organisation_id
    ).first()
    if certificate is None:
        raise NotReady(_("The certificate that this application concerns is no longer there."))
    ApplicationSubject.objects.create(application=application, certificate=certificate)


def changed_certificate(case: Case) -> Certificate | None:
    """The certificate that a case of a change concerns; None for every other case."""
    if case.kind != CaseKind.CHANGE:
        return None
    subject = ApplicationSubject.objects.filter(application__case=case).select_related("certificate").first()
    return subject.certificate if subject is not None else None


def no_quote_for_a_change(contract: Contract, _actor: User | None) -> Iterable[Missing]:
    """A quote would begin a road that ends in a second certificate, which the organisation cannot hold."""
    application = contract.application
    if asked_of(application).ends_in_certificate:
        return
    concerned = subject_of(application=application)
    yield Missing(
        _(
            "This application changes certificate %(number)s: no quote is made, because the road of a quote ends in a "
            "certificate of its own. The certificate stays as it is until a new edition is decided and issued."
        )
        % {"number": concerned.number if concerned else "–"}
    )


def no_change_once_decided(application: Application, _actor: User | None) -> Iterable[Missing]:
    """What the committee decides on, or has decided on, stays as it was laid before it."""
    if application.case.panels.exists() or application.case.decisions.exists():
        yield Missing(
            _(
                "A decision on this case is under way or taken: what changes now is applied for as a change of the "
                "certificate, once there is one."
            )
        )


def outlook(*, application: Application) -> str:
    """What follows for the certificate after the acceptance, for staff and client alike; empty otherwise."""
    if application.state != ApplicationState.ACCEPTED or asked_of(application).ends_in_certificate:
        return ""
    concerned = subject_of(application=application)
    number = concerned.number if concerned else "–"
    if application.kind == ApplicationKind.DATA_CHANGE:
        return _(
            "The application is accepted. Certificate %(number)s and the register show the present values until a new "
            "edition with the new ones is issued; the number and the last valid day stay."
        ) % {"number": number}
    return _(
        "The application is accepted. Certificate %(number)s and the register stay as they are until the change is "
        "evaluated and decided and a new edition is issued; no second certificate comes of it."
    ) % {"number": number}
