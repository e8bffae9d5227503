"""An application with everything that belongs to it, read once for a page or a check."""

from collections.abc import Sequence
from dataclasses import dataclass

from applications.catalogue.kinds import Asked, asked_of, documents_asked
from applications.models import (
    Application,
    ApplicationDocument,
    ProposedExclusion,
    RequestedChange,
    Site,
    TransferredCertificate,
)
from applications.queries import documents_in_force
from applications.queries.held import HeldCertificate, subject_of
from certbody.body.queries import scheme_of
from certbody.scheme.model import DocumentKind, Scheme


@dataclass(frozen=True)
class Contents:
    """`held` is the certificate that the application renews or changes, `documents_asked` its checklist."""

    application: Application
    scheme: Scheme
    sites: Sequence[Site]
    documents: Sequence[ApplicationDocument]
    exclusions: Sequence[ProposedExclusion]
    documents_asked: Sequence[DocumentKind]
    held: HeldCertificate | None = None
    change: RequestedChange | None = None
    transferred: TransferredCertificate | None = None

    @property
    def asked(self) -> Asked:
        return asked_of(self.application)

    def documents_of(self, kind: str) -> list[ApplicationDocument]:
        return [document for document in self.documents if document.kind == kind]

    def readable_of(self, kind: str) -> list[ApplicationDocument]:
        """Those that count: one in whose file malicious software was found has to be brought again."""
        return [document for document in self.documents_of(kind) if not document.is_closed]


@dataclass(frozen=True)
class Gap:
    """One thing that is missing, and the section in which it is supplied."""

    section: str
    sentence: str


def contents_of(application: Application) -> Contents:
    asked, scheme = asked_of(application), scheme_of(application.case)
    return Contents(
        application=application,
        scheme=scheme,
        sites=list(application.sites.all()),
        documents=list(documents_in_force(application)),
        exclusions=list(application.exclusions.all()),
        documents_asked=documents_asked(application, scheme),
        held=subject_of(application) if asked.rests_on_certificate else None,
        change=RequestedChange.objects.filter(application=application).first()
        if asked.rests_on_certificate
        else None,
        transferred=TransferredCertificate.objects.filter(application=application).first()
        if application.kind == "transfer"
        else None,
    )
