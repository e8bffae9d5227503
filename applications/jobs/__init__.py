"""The contract's document: rendered after the commit that promised it, then recorded by a step."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.catalogue.clauses import CLAUSES, index_in_columns
from applications.models import Contract
from applications.services.contracts import PDF_JOB
from applications.states import ContractState
from applications.transitions import RECORD_PDF
from certbody.body.queries import scheme_of
from certbody.body.settings_catalogue import LETTERHEAD, settings_of
from certbody.files.drawing import draw_document
from certbody.outbox.models import Job
from certbody.outbox.services import handles
from certbody.workflow import perform

TEMPLATE = "applications/pdf/contract.html"
INDEX_COLUMNS = 3
_PRINTED = (
    *LETTERHEAD,
    "approval_number",
    "rule_name",
    "rule_name_en",
    "rule_number",
    "rule_version",
    "person_day_hours",
)


def contract_context(contract: Contract) -> dict[str, Any]:
    """Everything the contract prints."""
    application = contract.application
    return {
        "contract": contract,
        "application": application,
        "organisation": application.case.organisation,
        "document_title": _("Certification contract"),
        "reference": contract.number,
        "standard": scheme_of(application.case).standard,
        "sites": list(application.sites.all()),
        "lines": list(contract.lines.select_related("contract")),
        "clauses": CLAUSES,
        "index": index_in_columns(INDEX_COLUMNS),
        **settings_of(_PRINTED),
    }


def print_contract(job: Job) -> str:
    """Render an offered contract in Chinese and English. A second run finds the document made and does nothing."""
    contract = (
        Contract.objects.select_related("application__case__organisation", "case", "amends")
        .filter(pk=job.object_id)
        .first()
    )
    if contract is None or contract.state != ContractState.OFFERED or contract.pdf_id is not None:
        return ""
    return draw_document(
        job,
        template=TEMPLATE,
        context=contract_context(contract),
        name=f"{contract.number}.pdf",
        kind="contract",
        case=contract.case,
        record=lambda file: perform(RECORD_PDF, contract, actor=None, file=file),
    )


def register() -> None:
    handles(PDF_JOB, print_contract)
