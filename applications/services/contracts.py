from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.fees import HeadcountBeyondTable, Quote, SiteFigures, Tariff, quote
from applications.models import Application, Contract, ContractLine
from certbody import clock
from certbody.accounts.models import User
from certbody.body.settings_catalogue import settings_of
from certbody.cases.models import CaseKind
from certbody.desk.services import close_tasks
from certbody.files.checks import CheckedFile
from certbody.files.models import Audience, StoredFile
from certbody.files.storage import store
from certbody.outbox.services import promise_job
from certbody.workflow import NotReady, WrongState

MAKE_TASK = "contract.make"
PDF_JOB = "contract.pdf"
_FACTORS = {
    CaseKind.SURVEILLANCE: "site_sample_factor_surveillance",
    CaseKind.RECERTIFICATION: "site_sample_factor_recertification",
}
INITIAL_FACTOR = "site_sample_factor_initial"


def tariff_for(kind: str) -> Tariff:
    """The body's figures of today for a kind of case."""
    factor = _FACTORS.get(CaseKind(kind), INITIAL_FACTOR)
    values = settings_of(
        [
            "fee_application",
            "fee_registration",
            "fee_annual",
            "fee_per_person_day",
            "min_site_person_days",
            "person_days",
            factor,
        ]
    )
    return Tariff(
        application=values["fee_application"],
        registration=values["fee_registration"],
        annual=values["fee_annual"],
        per_person_day=values["fee_per_person_day"],
        min_site_days=values["min_site_person_days"],
        sample_factor=values[factor],
        rows=values["person_days"],
    )


def quote_for(application: Application, adjustment: Decimal = Decimal(0)) -> Quote:
    """The quote that the body's tables give for an application. Raises NotReady, saying what the tables lack."""
    case = application.case
    figures = [
        SiteFigures(site.pk, site.name, site.name_en, site.headcount or 0)
        for site in application.sites.filter(is_head_office=False)
    ]
    try:
        made = quote(
            kind=case.kind,
            headcount=application.headcount or 0,
            sites=figures,
            tariff=tariff_for(case.kind),
            adjustment=adjustment,
        )
    except HeadcountBeyondTable as fault:
        raise NotReady(
            _("The person-day table has no row for %(headcount)s people: extend it in the settings first.")
            % {"headcount": application.headcount}
        ) from fault
    if made.person_days <= 0:
        raise NotReady(_("The adjustment would leave no person-days."))
    return made


def draft(contract: Contract, *, actor: User) -> dict[str, Any]:
    """Make the quote of an accepted application from the tables of today."""
    application = contract.application
    made = quote_for(application)
    contract.case = application.case
    contract.revision = application.contracts.count() + 1
    contract.number = f"{application.case.reference}-C{contract.revision}"
    _take_over(contract, made)
    contract.headcount = application.headcount or 0
    contract.save()
    _write_lines(contract, made)
    for obj in (application, *application.contracts.all()):
        close_tasks(kinds=[MAKE_TASK], obj=obj)
    return _figures(contract)


def revise(contract: Contract, *, actor: User, adjustment: Decimal, reason: str = "") -> dict[str, Any]:
    """Add or take off person-days for trade, sites or complexity; the reason stays on record (domain.md section 3)."""
    if adjustment and not reason:
        raise NotReady(_("An adjustment needs its reason."))
    made = quote_for(contract.application, adjustment)
    contract.adjustment = adjustment
    contract.adjustment_reason = reason if adjustment else ""
    contract.headcount = contract.application.headcount or 0
    _take_over(contract, made)
    contract.save(update_fields=["adjustment", "adjustment_reason", "headcount", "person_days", "total"])
    contract.lines.all().delete()
    _write_lines(contract, made)
    return _figures(contract) | {"adjustment": str(adjustment)}


def _take_over(contract: Contract, made: Quote) -> None:
    contract.person_days = made.person_days
    contract.total = made.total


def _write_lines(contract: Contract, made: Quote) -> None:
    ContractLine.objects.bulk_create(
        ContractLine(
            contract=contract,
            position=position,
            key=line.key,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
            basis=list(line.basis),
        )
        for position, line in enumerate(made.lines, 1)
    )


def _figures(contract: Contract) -> dict[str, Any]:
    return {
        "number": contract.number,
        "person_days": str(contract.person_days),
        "total": str(contract.total),
        "headcount": contract.headcount,
    }


def offer(contract: Contract, *, actor: User) -> dict[str, Any]:
    """Send the offer on its way: its PDF is made after the commit, then the client is told."""
    contract.offered_at = clock.now()
    contract.valid_until = clock.today() + timedelta(
        days=settings_of(["offer_valid_days"])["offer_valid_days"]
    )
    contract.save(update_fields=["offered_at", "valid_until"])
    promise_job(kind=PDF_JOB, obj=contract, case=contract.case)
    return _figures(contract) | {"valid_until": contract.valid_until}


def record_pdf(contract: Contract, *, actor: User | None, file: StoredFile) -> dict[str, Any]:
    """Take the rendered offer into the contract; there is one, so that what is accepted stays the same bytes."""
    if contract.pdf_id is not None:
        raise WrongState(_("This offer has its document already."))
    contract.pdf = file
    contract.pdf_sha256 = file.sha256
    contract.save(update_fields=["pdf", "pdf_sha256"])
    return {"number": contract.number, "file": str(file.pk), "sha256": file.sha256}


def accept(contract: Contract, *, actor: User, sha256: str) -> dict[str, Any]:
    """Record who accepted which document and when; `sha256` is the hash of the PDF that the client had on the page."""
    if sha256 != contract.pdf_sha256:
        raise WrongState(_("The offer is no longer the one that you saw; please read it again."))
    contract.accepted_at = clock.now()
    contract.accepted_by = actor
    contract.accepted_sha256 = contract.pdf_sha256
    contract.save(update_fields=["accepted_at", "accepted_by", "accepted_sha256"])
    return {"number": contract.number, "sha256": sha256, "total": str(contract.total)}


def upload_scan(contract: Contract, *, actor: User, upload: CheckedFile) -> dict[str, Any]:
    """Take the signed paper contract as a scan; staff compare it with the offer before it counts."""
    stored = store(
        content=upload,
        name=upload.name or contract.number,
        kind="contract-signed",
        case=contract.case,
        audience=Audience.CLIENT,
        uploaded_by=actor,
    )
    contract.signed_scan = stored
    contract.scan_return_reason = ""
    contract.save(update_fields=["signed_scan", "scan_return_reason"])
    return {"number": contract.number, "file": str(stored.pk), "sha256": stored.sha256}


def accept_scan(contract: Contract, *, actor: User, sha256: str) -> dict[str, Any]:
    """Accept by the signed scan: accepted by whoever uploaded it, checked by the contract officer.

    `sha256` is the hash of the scan that the officer looked at.
    """
    scan = contract.signed_scan
    if scan is None or sha256 != scan.sha256:
        raise WrongState(_("The client has uploaded another scan meanwhile; please look at it first."))
    contract.accepted_at = clock.now()
    contract.accepted_by_id = scan.uploaded_by_id
    contract.accepted_sha256 = scan.sha256
    contract.scan_checked_by = actor.person
    contract.save(update_fields=["accepted_at", "accepted_by", "accepted_sha256", "scan_checked_by"])
    return {"number": contract.number, "sha256": scan.sha256, "total": str(contract.total)}


def return_scan(contract: Contract, *, actor: User, reason: str) -> dict[str, Any]:
    """Send a scan back that is not the offer or is not signed; the file stays, the contract no longer names it."""
    scan, contract.signed_scan = contract.signed_scan_id, None
    contract.scan_return_reason = reason
    contract.save(update_fields=["signed_scan", "scan_return_reason"])
    return {"number": contract.number, "file": str(scan)}


def void(contract: Contract, *, actor: User, reason: str) -> dict[str, Any]:
    contract.void_reason = reason
    contract.save(update_fields=["void_reason"])
    return {"number": contract.number, "was_offered": contract.offered_at is not None}


def supersede(contract: Contract, *, actor: User | None) -> dict[str, Any]:
    return {"number": contract.number}
