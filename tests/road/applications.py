"""The first part of the road, by its steps: organisation, submitted and accepted application, contract."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from applications.catalogue.review_items import ITEMS, Item
from applications.catalogue.sections import FIELDS, Section
from applications.models import Application, ApplicationDocument, Contract, ReviewItem, Verdict
from applications.queries.completeness import contents_of, is_required
from applications.services.applications import touch
from applications.services.organisations import create_organisation
from applications.states import Agent
from applications.transitions import (
    ACCEPT,
    ACCEPT_OFFER,
    ATTACH,
    BEGIN,
    DRAFT,
    OFFER,
    RECORD_PDF,
    REVIEW_ITEM,
    SAVE,
    SAVE_SITE,
    SUBMIT,
)
from certbody.accounts.models import GoodsTrade, LegalForm, Organisation, User
from certbody.accounts.roles import Role
from certbody.cases.models import Case
from certbody.clock import now, today
from certbody.files.checks import CheckedFile
from certbody.files.models import Audience, StoredFile
from certbody.files.storage import store
from certbody.scheme.dates import months_later
from certbody.scheme.model import DocumentKind
from certbody.workflow import perform
from tests.road.people import credit_code, make_user

SCHEME = "gbt27922-2011"
_serial = iter(range(500_000, 900_000))


def organisation_values(**changes: Any) -> dict[str, Any]:
    """What the form of a new organisation gives; the credit code is a new one every time."""
    number = next(_serial)
    return {
        "name": f"深圳华丰电器{number}有限公司",
        "name_en": f"Shenzhen Huafeng Appliances {number} Co., Ltd.",
        "credit_code": credit_code(number),
        "legal_form": LegalForm.COMPANY,
        "registered_address": "深圳市南山区科技路1号",
        "registered_address_en": "1 Keji Road, Nanshan, Shenzhen",
        "operating_address": "深圳市南山区科技路1号",
        "legal_representative": "王伟",
        "contact_name": "李娜",
        "contact_phone": "0755-12345678",
        "contact_email": "contact@example.org",
        "headcount": 40,
        "service_management_headcount": 6,
        "managers_trained": 1,
        **changes,
    }


def make_organisation(client: User, **changes: Any) -> Organisation:
    """An organisation that the client registered, as the portal does it."""
    return create_organisation(actor=client, values=organisation_values(**changes))


@cache
def _png() -> bytes:
    content = BytesIO()
    Image.new("RGB", (12, 12), "white").save(content, "PNG")
    return content.getvalue()


def picture(name: str = "document.png") -> SimpleUploadedFile:
    """A small picture as a browser uploads it."""
    return SimpleUploadedFile(name, _png(), content_type="image/png")


def checked_picture(name: str = "document.png") -> CheckedFile:
    """A small picture as a form hands it on; the checks in a child process cost a fifth of a second each."""
    return CheckedFile(name, _png(), "png")


def begun_application(client: User, organisation: Organisation | None = None, **case: Any) -> Application:
    """A draft of the client's organisation."""
    organisation = organisation or client.organisations.first() or make_organisation(client)
    wish = Case(organisation=organisation, scheme=SCHEME, **case)
    begun: Application = perform(BEGIN, Application(case=wish), actor=client)
    return begun


def application_values() -> dict[str, Any]:
    """Valid answers to every field of the application itself."""
    return {
        "headcount": 40,
        "service_management_headcount": 6,
        "managers_trained": 1,
        "scope": "家用电器的销售及售后服务（配送、安装、维修）",
        "scope_en": "Sale and after-sales service (delivery, installation, repair) of household appliances",
        "goods": GoodsTrade.TANGIBLE,
        "system_running_since": months_later(today(), -12),
        "person_in_charge": "陈晨",
        "funds_note": "年度售后预算及赔偿准备金",
        "no_serious_fault": True,
        "operates_lawfully": True,
        "pays_fees_itself": True,
        "product_categories": 1,
        "agent_kind": Agent.NONE,
        "agent_name": "",
        "note": "",
    }


def complete(application: Application, client: User, **changes: Any) -> Application:
    """Fill every section, so that nothing is missing any more."""
    values = application_values() | changes
    for section, names in FIELDS.items():
        given = {name: values[name] for name in names}
        perform(SAVE, application, actor=client, section=section, values=given)
    head = application.sites.get(is_head_office=True)
    perform(SAVE_SITE, application, actor=client, site=head.pk, values=site_values(values))
    contents = contents_of(application)
    wanted = [
        kind
        for kind in contents.scheme.documents
        if is_required(kind, len(contents.sites)) and not contents.documents_of(kind.key)
    ]
    attach_all(application, client, wanted)
    application.refresh_from_db()
    return application


def attach_all(application: Application, client: User, kinds: Sequence[DocumentKind]) -> None:
    """A picture for each kind: the first one by its step, the others as the rows that the step would leave."""
    if not kinds:
        return
    first, *others = kinds
    upload = checked_picture(f"{first.key}.png")
    perform(ATTACH, application, actor=client, kind=first.key, upload=upload, expires_on=_expiry_of(first))
    stored = application.documents.get(kind=first.key).file
    alike = {
        name: getattr(stored, name)
        for name in (
            "case",
            "organisation",
            "audience",
            "content_type",
            "size",
            "sha256",
            "uploaded_by",
            "evidence_date",
        )
    }
    files = StoredFile.objects.bulk_create(
        StoredFile(**alike, kind=kind.key, name=f"{kind.key}.png") for kind in others
    )
    ApplicationDocument.objects.bulk_create(
        ApplicationDocument(application=application, kind=kind.key, expires_on=_expiry_of(kind), file=file)
        for kind, file in zip(others, files, strict=True)
    )
    application.refresh_from_db()
    for _kind in others:
        touch(application, Section.DOCUMENTS)
    application.save(update_fields=["edits"])


def _expiry_of(kind: DocumentKind) -> date | None:
    return months_later(today(), 24) if kind.expires else None


def site_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "address_en": "1 Keji Road, Nanshan, Shenzhen",
        "activity": "售后服务管理与维修",
        "activity_en": "After-sales management and repair",
        "headcount": values["headcount"],
        "service_management_headcount": values["service_management_headcount"],
        "managers_trained": values["managers_trained"],
    }


def complete_application(client: User, **changes: Any) -> Application:
    """A draft that lacks nothing."""
    return complete(begun_application(client), client, **changes)


def submitted_application(client: User | None = None, **changes: Any) -> Application:
    """An application in review; without a client a new one is made."""
    client = client or make_user()
    submitted: Application = perform(SUBMIT, complete_application(client, **changes), actor=client)
    return submitted


def review_all(application: Application, reviewer: User, *, checked_on: date | None = None) -> None:
    """Every item is fulfilled: the first one by its step, the others as the rows that the step would leave."""
    first, *others = ITEMS
    day = checked_on or today()

    def verdict_on(item: Item) -> dict[str, Any]:
        checked = day if item.needs_day else None
        return {"key": item.key, "verdict": Verdict.FULFILLED, "checked_on": checked}

    perform(REVIEW_ITEM, application, actor=reviewer, **verdict_on(first))
    application.review_items.filter(revision=application.revision).exclude(key=first.key).delete()
    ReviewItem.objects.bulk_create(
        ReviewItem(
            application=application,
            revision=application.revision,
            person=reviewer.person,
            at=now(),
            **verdict_on(item),
        )
        for item in others
    )


def accepted_application(
    client: User | None = None, reviewer: User | None = None, **changes: Any
) -> Application:
    application = submitted_application(client, **changes)
    reviewer = reviewer or make_user(Role.REVIEWER)
    review_all(application, reviewer)
    accepted: Application = perform(ACCEPT, application, actor=reviewer)
    return accepted


def drafted_contract(application: Application, officer: User) -> Contract:
    draft = Contract(case=application.case, application=application)
    made: Contract = perform(DRAFT, draft, actor=officer)
    return made


def offered_contract(application: Application, officer: User) -> Contract:
    """An offer with its document. The document is a stand-in; `tests/applications` render the real one."""
    contract: Contract = perform(OFFER, drafted_contract(application, officer), actor=officer)
    return printed(contract)


def printed(contract: Contract) -> Contract:
    file = store(
        content=b"%PDF-1.7 stand-in",
        name=f"{contract.number}.pdf",
        kind="contract",
        case=contract.case,
        audience=Audience.CLIENT,
    )
    done: Contract = perform(RECORD_PDF, contract, actor=None, file=file)
    return done


def accepted_contract(
    client: User | None = None, reviewer: User | None = None, officer: User | None = None, **changes: Any
) -> Contract:
    """A contract that the client accepted in the portal: from here on the audit can be opened."""
    client = client or make_user()
    application = accepted_application(client, reviewer, **changes)
    contract = offered_contract(application, officer or make_user(Role.CONTRACTS))
    accepted: Contract = perform(ACCEPT_OFFER, contract, actor=client, sha256=contract.pdf_sha256)
    return accepted
