from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.catalogue.clauses import TEMPLATE_VERSION
from applications.models import Contract
from applications.states import ContractState
from certbody import clock
from certbody.accounts.models import User
from certbody.body.settings_catalogue import settings_of
from certbody.files.checks import CheckedFile
from certbody.files.models import Audience, StoredFile
from certbody.files.storage import store
from certbody.outbox.services import promise_job
from certbody.workflow import NotReady, WrongState, perform, table

MAKE_TASK = "contract.make"
PDF_JOB = "contract.pdf"


def offer(contract: Contract, *, actor: User) -> dict[str, Any]:
    """Send the offer on its way: its PDF is made after the commit, then the client is told."""
    contract.offered_at = clock.now()
    contract.valid_until = clock.today() + timedelta(
        days=settings_of(["offer_valid_days"])["offer_valid_days"]
    )
    contract.template_version = TEMPLATE_VERSION
    contract.save(update_fields=["offered_at", "valid_until", "template_version"])
    promise_job(kind=PDF_JOB, obj=contract, case=contract.case)
    return {
        "number": contract.number,
        "person_days": str(contract.person_days),
        "total": str(contract.total),
        "headcount": contract.headcount,
        "valid_until": contract.valid_until,
        "template": contract.template_version,
    }


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
    _supersede_the_one_in_force(contract)
    contract.accepted_at = clock.now()
    contract.accepted_by = actor
    contract.accepted_sha256 = contract.pdf_sha256
    contract.save(update_fields=["accepted_at", "accepted_by", "accepted_sha256"])
    return {"number": contract.number, "sha256": sha256, "total": str(contract.total)}


def _supersede_the_one_in_force(contract: Contract) -> None:
    """An amendment takes the place of the contract before it in one transaction: one is always valid."""
    rows = Contract.objects.filter(application=contract.application_id, state=ContractState.ACCEPTED)
    for older in rows.exclude(pk=contract.pk):
        perform(table("contract").step("supersede"), older, actor=None)


def upload_scan(
    contract: Contract,
    *,
    actor: User,
    upload: CheckedFile,
    signatory: str = "",
    signed_on: date | None = None,
) -> dict[str, Any]:
    """Take the signed paper contract as a scan; staff compare it with the offer before it counts.

    `signatory` is who signed for the client, `signed_on` the day on the paper.
    """
    offered = contract.offered_at.astimezone(clock.BODY_ZONE).date() if contract.offered_at else None
    if signed_on is not None and (signed_on > clock.today() or (offered and signed_on < offered)):
        raise NotReady(_("The day of the signature lies between the day of the offer and today."))
    stored = store(
        content=upload,
        name=upload.name or contract.number,
        kind="contract-signed",
        case=contract.case,
        audience=Audience.CLIENT,
        uploaded_by=actor,
    )
    contract.signed_scan = stored
    contract.signatory = signatory
    contract.signed_on = signed_on
    contract.scan_return_reason = ""
    contract.save(update_fields=["signed_scan", "signatory", "signed_on", "scan_return_reason"])
    return {
        "number": contract.number,
        "file": str(stored.pk),
        "sha256": stored.sha256,
        "signed_on": signed_on,
    }


def accept_scan(contract: Contract, *, actor: User, sha256: str) -> dict[str, Any]:
    """Accept by the signed scan: accepted by whoever uploaded it, checked by the contract officer.

    `sha256` is the hash of the scan that the officer looked at.
    """
    scan = contract.signed_scan
    if scan is None or sha256 != scan.sha256:
        raise WrongState(_("The client has uploaded another scan meanwhile; please look at it first."))
    _supersede_the_one_in_force(contract)
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
    """A later contract takes its place, or the application that it was offered for is reviewed anew."""
    return {"number": contract.number}
