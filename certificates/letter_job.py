"""Draws a proof letter after the commit that promised it; a second run finds it made and does nothing."""

from typing import Any

from certbody.files.drawing import draw_document
from certbody.outbox.models import Job
from certbody.outbox.services import handles
from certbody.pdf.qr import qr_png_data_uri
from certbody.workflow import perform
from certificates.models import ProofLetter
from certificates.services.letters import PROOF_JOB
from certificates.states import LetterState
from certificates.transitions.letters import FILE_PROOF

TEMPLATE = "certificates/pdf/proof.html"


def context_of(letter: ProofLetter) -> dict[str, Any]:
    """Everything the letter prints, as it was kept when it was asked for."""
    facts = letter.facts
    return {
        **facts,
        "letter": letter,
        "facts": facts,
        "document_title": "认证状态证明 · Proof of certification",
        "reference": letter.number,
        "qr": qr_png_data_uri(facts["check_url"]),
    }


def write(job: Job) -> str:
    letter = ProofLetter.objects.select_related("certificate__case__organisation").get(pk=job.object_id)
    if letter.state != LetterState.ASKED:
        return ""
    return draw_document(
        job,
        template=TEMPLATE,
        context=context_of(letter),
        name=f"{letter.number}.pdf",
        kind="proof-of-certification",
        case=letter.case,
        record=lambda file: perform(FILE_PROOF, letter, actor=None, file=file),
    )


def register() -> None:
    handles(PROOF_JOB, write)
