"""Certificates and their editions: from the signed decision to the last day."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Part
from certbody.desk.services import Audience, TaskFor
from certbody.outbox.recipients import client_of
from certbody.permissions import has_role, system_only
from certbody.workflow import Notice, Step, Table, register
from certificates import conditions
from certificates.models import Certificate, Edition
from certificates.permissions import decides_standing, heads_the_body
from certificates.queries.certificates import editions_visible_to, visible_to
from certificates.services import issuing, standing
from certificates.states import CertificateState, EditionState


def certificate_page(certificate: Certificate, user: User | None) -> str:
    if user is not None and user.is_staff_member:
        return reverse("certificate", args=[certificate.pk])
    return reverse("portal_certificate", args=[certificate.pk])


def edition_page(edition: Edition, user: User | None) -> str:
    return certificate_page(edition.certificate, user)


def _certificate_officer(_certificate: Certificate) -> Iterable[Audience]:
    yield Audience(role=Role.CERTIFICATES)


RESERVE = Step(
    name="reserve",
    event="certificate.reserved",
    sources=(),
    target=CertificateState.RESERVED,
    label=_("Issue the certificate"),
    recorded=_("The number was reserved and the certificate is being made."),
    allowed=has_role(Role.CERTIFICATES),
    guard=conditions.ready_to_issue,
    effect=issuing.reserve,
    part=Part.ISSUE,
)
ISSUE = Step(
    name="issue",
    event="certificate.issued",
    sources=(CertificateState.RESERVED,),
    target=CertificateState.VALID,
    label=_("Complete the issue"),
    recorded=_("The certificate was issued."),
    told=_("Your certificate was issued."),
    surface="system",
    allowed=system_only,
    guard=conditions.every_document_is_kept,
    effect=issuing.issue,
    notify=(Notice("certificate.issued", client_of),),
)
VOID = Step(
    name="void",
    event="certificate.voided",
    sources=(CertificateState.RESERVED,),
    target=CertificateState.VOID,
    label=_("Void the number"),
    recorded=_("The number was voided; it will not be used again."),
    surface="system",
    allowed=system_only,
    effect=issuing.void,
    opens=(
        TaskFor(
            kind="certificate.voided",
            label=_("Issuing failed: see why and issue again"),
            to=_certificate_officer,
            path=lambda certificate: reverse("certificate", args=[certificate.pk]),
            days=1,
        ),
    ),
)
SUSPEND = Step(
    name="suspend",
    event="certificate.suspended",
    sources=(CertificateState.VALID,),
    target=CertificateState.SUSPENDED,
    label=_("Suspend"),
    hint=_("The public register says so from the next request on, and the holder is told."),
    recorded=_("The certificate was suspended."),
    told=_("Your certificate was suspended."),
    tone="danger",
    allowed=decides_standing,
    guard=conditions.has_not_expired,
    effect=standing.suspend,
    notify=(Notice("certificate.suspended", client_of),),
)
RESTORE = Step(
    name="restore",
    event="certificate.restored",
    sources=(CertificateState.SUSPENDED,),
    target=CertificateState.VALID,
    label=_("Restore"),
    hint=_("The certificate is valid again from today; its last valid day stays the same."),
    recorded=_("The certificate was restored."),
    told=_("Your certificate is valid again."),
    allowed=decides_standing,
    guard=conditions.has_not_expired,
    effect=standing.restore,
    notify=(Notice("certificate.restored", client_of),),
)
WITHDRAW = Step(
    name="withdraw",
    event="certificate.withdrawn",
    sources=(CertificateState.VALID, CertificateState.SUSPENDED),
    target=CertificateState.WITHDRAWN,
    label=_("Withdraw"),
    hint=_(
        "This cannot be undone. The public register says so from the next request on, and the holder is told."
    ),
    recorded=_("The certificate was withdrawn."),
    told=_("Your certificate was withdrawn."),
    tone="danger",
    allowed=heads_the_body,
    guard=conditions.has_not_expired,
    effect=standing.withdraw,
    notify=(Notice("certificate.withdrawn", client_of),),
)
CERTIFICATE = register(
    Table(
        aggregate="certificate",
        title=_("Certificate"),
        model=Certificate,
        states=CertificateState,
        steps=(RESERVE, ISSUE, VOID, SUSPEND, RESTORE, WITHDRAW),
        visible_to=visible_to,
        page=certificate_page,
    )
)

RESERVE_EDITION = Step(
    name="reserve",
    event="edition.reserved",
    sources=(),
    target=EditionState.RESERVED,
    label=_("Reserve the edition"),
    recorded="",
    surface="system",
    allowed=system_only,
    effect=issuing.reserve_edition,
)
FILE_DOCUMENT = Step(
    name="file_document",
    event="edition.document_filed",
    sources=(EditionState.RESERVED,),
    target=None,
    label=_("Keep a document"),
    recorded="",
    surface="system",
    allowed=system_only,
    effect=issuing.file_document,
)
ISSUE_EDITION = Step(
    name="issue",
    event="edition.issued",
    sources=(EditionState.RESERVED,),
    target=EditionState.CURRENT,
    label=_("Put the edition into force"),
    recorded="",
    surface="system",
    allowed=system_only,
)
VOID_EDITION = Step(
    name="void",
    event="edition.voided",
    sources=(EditionState.RESERVED,),
    target=EditionState.VOID,
    label=_("Void the edition"),
    recorded="",
    surface="system",
    allowed=system_only,
)
EDITION = register(
    Table(
        aggregate="edition",
        title=_("Edition of a certificate"),
        model=Edition,
        states=EditionState,
        steps=(RESERVE_EDITION, FILE_DOCUMENT, ISSUE_EDITION, VOID_EDITION),
        visible_to=editions_visible_to,
        page=edition_page,
    )
)
