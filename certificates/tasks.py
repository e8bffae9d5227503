"""The slow work of this floor, kept by the sweeper outside any transaction; repeating any of it is harmless."""

import logging

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from certbody.files.drawing import draw_document
from certbody.files.models import Audience
from certbody.files.storage import read, store, write_content
from certbody.outages import outage_of
from certbody.outbox.leases import LeaseLost, renew
from certbody.outbox.models import Job
from certbody.outbox.services import note_progress
from certbody.pdf.certificate import render_certificate
from certbody.pdf.lint import lint_certificate
from certbody.workflow import WrongState, perform
from certificates.models import Certificate, Decision, Edition, IssuedDocument
from certificates.queries.certificates import current_edition
from certificates.queries.committee import letter_facts
from certificates.services.issuing import MOST_FAILURES
from certificates.services.manifest import fingerprint
from certificates.states import CertificateState, Language
from certificates.transitions import FILE_DOCUMENT, FILE_LETTER, ISSUE, VOID

log = logging.getLogger(__name__)
LETTER_TEMPLATE = "certificates/pdf/refusal.html"


class LintFailed(Exception):
    """A drawn certificate, read back, does not say what its manifest says."""


def issue_certificate(job: Job) -> str:
    """Steps 2 to 5 of the order of issuing; the third failure voids the number with its reason."""
    certificate = Certificate.objects.select_related("case").get(pk=job.object_id)
    if certificate.state != CertificateState.RESERVED:
        return ""
    try:
        _draw_and_issue(certificate, job)
    except (WrongState, LeaseLost):
        raise  # another sweeper is faster: no failure of this number
    except Exception as fault:
        # nor is one what fails because the database or the disk does
        if outage_of(fault) or not _fails_for_good(certificate, fault):
            raise
        log.exception("certificate %s was voided", certificate.number)
        return ""
    return reverse("certificate", args=[certificate.pk])


def _draw_and_issue(certificate: Certificate, job: Job) -> None:
    edition = current_edition(certificate)
    if edition is None:
        raise LookupError(f"certificate {certificate.number} has no edition")
    for number, language in enumerate(Language):
        note_progress(job, 5 + 90 * number // len(Language))
        if not edition.documents.filter(language=language).exists():
            renew(job)
            keep_document(edition, language)
    note_progress(job, 95)
    perform(ISSUE, certificate, actor=None)


def keep_document(edition: Edition, language: str) -> None:
    """Draw one language from the stored manifest, read it back, and keep its bytes before its row."""
    if fingerprint(edition.manifest) != edition.manifest_sha256:
        raise LintFailed("the manifest was changed")
    pdf = render_certificate(edition.manifest, language)
    if faults := lint_certificate(pdf, edition.manifest, language):
        raise LintFailed("; ".join(faults))
    certificate = edition.certificate
    write_content(pdf, "pdf")  # durable before the transaction that names it begins
    with transaction.atomic():
        stored = store(
            content=pdf,
            name=f"{certificate.number}-{edition.number}-{language}.pdf",
            kind="certificate",
            case=certificate.case,
            audience=Audience.CLIENT,
        )
        document = IssuedDocument(edition=edition, language=language, file=stored, sha256=stored.sha256)
        perform(FILE_DOCUMENT, edition, actor=None, document=document)
    read(stored)


def _fails_for_good(certificate: Certificate, fault: Exception) -> bool:
    """Count a failure; True when it was the last one and the number is void now."""
    Certificate.objects.filter(pk=certificate.pk).update(attempts=F("attempts") + 1)
    certificate.refresh_from_db()
    if certificate.attempts < MOST_FAILURES or certificate.state != CertificateState.RESERVED:
        return False
    perform(VOID, certificate, actor=None, reason=f"{type(fault).__name__}: {fault}")
    return True


def write_refusal_letter(job: Job) -> str:
    """Draw the letter about a refusal once, in both languages on one document, and file it with the decision."""
    decision = Decision.objects.select_related("case__organisation", "signed_by").get(pk=job.object_id)
    if decision.letter_id is not None:
        return ""
    return draw_document(
        job,
        template=LETTER_TEMPLATE,
        context=letter_facts(decision),
        name=f"{decision.case.reference}-decision.pdf",
        kind="decision-letter",
        case=decision.case,
        record=lambda file: perform(FILE_LETTER, decision, actor=None, letter=file),
    )
