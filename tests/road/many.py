"""Many rows at once, in bulk and without steps: nothing but what the lists of the desk read."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

from django.db import connection

from applications.models import Application, ApplicationDocument, Contract, Invoice
from applications.states import ApplicationState, ContractState
from applications.states.invoices import InvoiceKind, InvoiceState
from certbody import clock
from certbody.accounts.models import Organisation
from certbody.body import preparation
from certbody.cases.models import Case
from certbody.files.models import Audience, StoredFile
from tests.road.applications import SCHEME
from tests.road.people import credit_code

_numbers = count(800_000_000)
STATES = (
    ApplicationState.DRAFT,
    ApplicationState.SUBMITTED,
    ApplicationState.DECLINED,
    ApplicationState.WITHDRAWN,
)


def analyse() -> None:
    """Let the database count its rows, as its own upkeep does; it sees only rows that are committed."""
    with preparation.as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def many_applications(number: int) -> list[Application]:
    """Applications in all early states; every fourth is a draft that nobody has submitted yet."""
    numbers = [next(_numbers) for _each in range(number)]
    organisations = Organisation.objects.bulk_create(
        Organisation(
            name=f"佛山华丰{one}电器有限公司",
            name_en=f"Foshan {one}",
            credit_code=credit_code(one),
            headcount=40,
            service_management_headcount=12,
            managers_trained=2,
        )
        for one in numbers
    )
    cases = Case.objects.bulk_create(
        Case(reference=f"M{one}", organisation=organisation, scheme=SCHEME)
        for one, organisation in zip(numbers, organisations, strict=True)
    )
    return Application.objects.bulk_create(
        Application(
            case=case,
            state=(state := STATES[place % 4]),
            revision=0 if state == ApplicationState.DRAFT else 1 + place % 3,
            # several have the very same moment, so that only their keys tell them apart
            submitted_at=None
            if state == ApplicationState.DRAFT
            else clock.now() - timedelta(minutes=place // 8),
        )
        for place, case in enumerate(cases)
    )


def many_contracts(number: int) -> list[Contract]:
    applications = many_applications(number)
    return Contract.objects.bulk_create(
        Contract(
            case=application.case,
            application=application,
            number=f"{application.case.reference}-C1",
            revision=1,
            state=ContractState.DRAFT if place % 2 else ContractState.VOID,
            headcount=40,
            person_days=Decimal(3 + place % 5),
            total=Decimal(10_000 + place % 7),
            valid_until=None if place % 3 else clock.today() + timedelta(days=place % 11),
        )
        for place, application in enumerate(applications)
    )


def many_documents(number: int) -> list[ApplicationDocument]:
    """A contract and a document of each application; the files are rows without contents."""
    contracts = many_contracts(number)
    files = StoredFile.objects.bulk_create(
        StoredFile(name="a.pdf", kind="application", case=contract.case, audience=Audience.CLIENT, size=1)
        for contract in contracts
    )
    return ApplicationDocument.objects.bulk_create(
        ApplicationDocument(
            application=contract.application,
            kind=f"kind_{place % 3}",
            file=file,
            expires_on=None if place % 3 else clock.today() + timedelta(days=place % 11),
            uploaded_at=clock.now() - timedelta(minutes=place // 8),
        )
        for place, (contract, file) in enumerate(zip(contracts, files, strict=True))
    )


def many_invoices(number: int) -> list[Invoice]:
    """An application with contract, document and invoice each; every third invoice is a draft without a day."""
    many_documents(number)
    contracts = Contract.objects.select_related("case").order_by("-pk")[:number]
    return Invoice.objects.bulk_create(
        Invoice(
            case=contract.case,
            contract=contract,
            organisation_id=contract.case.organisation_id,
            kind=InvoiceKind.CONTRACT,
            state=InvoiceState.SENT if place % 3 else InvoiceState.DRAFT,
            number=f"I{contract.pk}" if place % 3 else "",
            tax_rate=Decimal(6),
            total=Decimal(10_000 + place % 7),
            sent_on=clock.today() if place % 3 else None,
            due_on=clock.today() + timedelta(days=place % 11) if place % 3 else None,
        )
        for place, contract in enumerate(contracts)
    )
