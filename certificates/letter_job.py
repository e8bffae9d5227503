"""Draws a proof letter after the commit that promised it; a second run finds it made and does nothing."""

from certbody.files.models import Audience
from certbody.files.storage import store
from certbody.outbox.models import Job
from certbody.outbox.services import handles, note_progress
from certbody.pdf.qr import qr_png_data_uri
from certbody.pdf.render import render_pdf
from certbody.workflow import perform
from certificates.models import ProofLetter
from certificates.services.letters import PROOF_JOB
from certificates.states import LetterState
from certificates.transitions.letters import FILE_PROOF

TEMPLATE = "certificates/pdf/proof.html"


def write(job: Job) -> str:
    letter = ProofLetter.objects.select_related("certificate__case__organisation").get(pk=job.object_id)
    if letter.state != LetterState.ASKED:
        return ""
    note_progress(job, 20)
    facts = letter.facts
    context = {
        **facts,
        "letter": letter,
        "facts": facts,
        "document_title": "认证状态证明 · Proof of certification",
        "reference": letter.number,
        "qr": qr_png_data_uri(facts["check_url"]),
    }
    pdf = render_pdf(TEMPLATE, context, language="zh-hans")
    note_progress(job, 80)
    stored = store(
        content=pdf,
        name=f"{letter.number}.pdf",
        kind="proof-of-certification",
        case=letter.case,
        audience=Audience.CLIENT,
    )
    perform(FILE_PROOF, letter, actor=None, file=stored)
    return stored.get_absolute_url()


def register() -> None:
    handles(PROOF_JOB, write)
