"""What each kind of application asks: its sections, the fields of each, and its documents.

Everything that differs from kind to kind stands in this one table; pages, forms, gaps and the review read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from applications.catalogue.sections import FIELDS, FIELDS_BESIDE, Section
from applications.models import Application
from applications.states import ApplicationKind
from certbody.cases.models import CaseKind
from certbody.scheme.model import DocumentKind, DocumentNeed, Scheme, Words

K = ApplicationKind

DECLARATIONS = ("no_serious_fault", "operates_lawfully", "pays_fees_itself", "note")

# Documents of the request itself; the checklist of the scheme knows only those of the service.
CHANGE_PROOF = DocumentKind(
    "change_proof",
    Words(
        zh="变更证明（登记机关变更通知、新址租赁合同等）",
        zh_hant="變更證明（登記機關變更通知、新址租賃合約等）",
        en="Proof of the change (notice of the registry, lease of the new address)",
    ),
    DocumentNeed.ALWAYS,
    expires=False,
)
TRANSFERRED = DocumentKind(
    "transferred_certificate",
    Words(
        zh="原认证机构颁发的认证证书",
        zh_hant="原認證機構頒發的認證證書",
        en="Certificate issued by the other body",
    ),
    DocumentNeed.ALWAYS,
    expires=False,
)
LAST_REPORTS = DocumentKind(
    "last_audit_reports",
    Words(
        zh="最近一次审查报告及监督审查报告",
        zh_hant="最近一次審查報告及監督審查報告",
        en="Last audit report and surveillance reports",
    ),
    DocumentNeed.ALWAYS,
    expires=False,
)
OPEN_FINDINGS = DocumentKind(
    "open_findings",
    Words(
        zh="未关闭的不符合项及整改材料",
        zh_hant="未關閉的不符合項及整改材料",
        en="Open findings with the correction so far",
    ),
    DocumentNeed.IF_APPLICABLE,
    expires=False,
)
REQUEST_DOCUMENTS = (CHANGE_PROOF, TRANSFERRED, LAST_REPORTS, OPEN_FINDINGS)


def _open_findings(application: Application) -> DocumentKind:
    """The open findings of the other body: needed when the client says that there are any."""
    row = getattr(application, "transferred_certificate", None)
    return (
        replace(OPEN_FINDINGS, required=DocumentNeed.ALWAYS)
        if row and row.has_open_findings
        else OPEN_FINDINGS
    )


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What one kind asks.

    `sections` maps each section, in the order of the pages, to the fields asked there. `documents` names those of the
    scheme's checklist, None all of them. `rests_on_certificate`: it renews or changes a certificate of this body.
    `ends_in_certificate`: the road goes on with quote, audit and decision to a certificate of its own; the other kinds
    end in a new edition of the certificate that they change.
    """

    case_kind: CaseKind
    sections: Mapping[str, tuple[str, ...]]
    documents: tuple[str, ...] | None = None
    rests_on_certificate: bool = False
    ends_in_certificate: bool = False


_WHOLE: dict[str, tuple[str, ...]] = {
    Section.ORGANISATION: FIELDS[Section.ORGANISATION],
    Section.SCOPE: FIELDS[Section.SCOPE],
    Section.SITES: (),
    Section.PREREQUISITES: FIELDS[Section.PREREQUISITES],
    Section.DOCUMENTS: (),
    Section.EXCLUSIONS: (),
}

ASKED: dict[str, Asked] = {
    K.INITIAL: Asked(case_kind=CaseKind.INITIAL, sections=_WHOLE, ends_in_certificate=True),
    K.RECERTIFICATION: Asked(
        case_kind=CaseKind.RECERTIFICATION,
        sections=_WHOLE,
        rests_on_certificate=True,
        ends_in_certificate=True,
    ),
    K.SCOPE_CHANGE: Asked(
        case_kind=CaseKind.CHANGE,
        sections={
            Section.CHANGE: ("scope_effect", "reason"),
            Section.SCOPE: FIELDS[Section.SCOPE],
            Section.PREREQUISITES: DECLARATIONS,
            Section.DOCUMENTS: (),
            Section.EXCLUSIONS: (),
        },
        documents=("products", "permits", "service_flow", "outlets", "legal_register", "other_certs"),
        rests_on_certificate=True,
    ),
    K.DATA_CHANGE: Asked(
        case_kind=CaseKind.CHANGE,
        sections={
            Section.CHANGE: ("name", "name_en", "address", "address_en", "changed_on", "reason"),
            Section.SITES: (),
            Section.DOCUMENTS: (),
        },
        documents=("legal_status", "permits", "sites"),
        rests_on_certificate=True,
    ),
    K.UPGRADE: Asked(
        case_kind=CaseKind.CHANGE,
        sections={
            Section.CHANGE: ("grade", "reason"),
            Section.ORGANISATION: FIELDS[Section.ORGANISATION],
            Section.PREREQUISITES: FIELDS[Section.PREREQUISITES],
            Section.DOCUMENTS: (),
            Section.EXCLUSIONS: (),
        },
        documents=(
            "org_chart",
            "manual",
            "service_flow",
            "commitment",
            "managers",
            "staff",
            "resources",
            "records",
            "permits",
            "other_certs",
        ),
        rests_on_certificate=True,
    ),
    K.TRANSFER: Asked(
        case_kind=CaseKind.TRANSFER,
        sections={Section.TRANSFER: FIELDS_BESIDE[Section.TRANSFER], **_WHOLE},
        ends_in_certificate=True,
    ),
}


def asked_of(application: Application) -> Asked:
    return ASKED[application.kind]


def sections_of(application: Application) -> list[Section]:
    """The sections of an application in the order in which they are filled in."""
    return [Section(key) for key in asked_of(application).sections]


def fields_of(application: Application, section: str) -> tuple[str, ...]:
    """The fields that a section asks of this application; none where it has no such section."""
    return asked_of(application).sections.get(section, ())


def is_asked(application: Application, name: str) -> bool:
    """Whether some section of the application itself asks for a field of it."""
    sections = asked_of(application).sections
    return any(name in names for section, names in sections.items() if section in FIELDS)


def documents_asked(application: Application, scheme: Scheme) -> list[DocumentKind]:
    """The checklist of this application: documents of the request first, then those of the scheme."""
    keys = asked_of(application).documents
    of_scheme = [kind for kind in scheme.documents if keys is None or kind.key in keys]
    if application.kind == K.DATA_CHANGE:
        return [CHANGE_PROOF, *of_scheme]
    if application.kind == K.TRANSFER:
        return [TRANSFERRED, LAST_REPORTS, _open_findings(application), *of_scheme]
    return of_scheme
