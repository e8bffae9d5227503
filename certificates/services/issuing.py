"""Effects of reserving, issuing and voiding a certificate: before the documents are drawn, and after."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import User
from certbody.desk.services import close_tasks
from certbody.outbox.services import promise_job
from certbody.workflow import Facts, NotReady, perform, table
from certificates import conditions
from certificates.dates import cycle_from
from certificates.folding import fold_names, terms_of_names
from certificates.models import Certificate, CycleDate, Edition, IssuedDocument, RegisterTerm, StatusChange
from certificates.queries.certificates import standing_certificates
from certificates.services import manifest
from certificates.states import CertificateState, CycleKind, EditionState, StatusGround

ISSUE_JOB = "certificate.issue"
MOST_FAILURES = 3


def reserve(certificate: Certificate, *, actor: User | None) -> Facts:
    """Take the number, store the manifest of the first edition with its hash, and promise the work."""
    case, decision = certificate.case, certificate.decision
    today = clock.today()
    older = standing_certificates(case).filter(expires_on__gte=today).first()
    cycle = cycle_from(today, old_last_day=older.expires_on if older else None)
    certificate.organisation, certificate.scheme = case.organisation, case.scheme
    certificate.grade, certificate.cycle = decision.grade, case.cycle
    certificate.number = manifest.take_number(cycle=case.cycle)
    certificate.first_issued_on = older.first_issued_on if older else today
    certificate.issued_on = today
    certificate.valid_from, certificate.expires_on = cycle.validity.first, cycle.validity.last
    certificate.reserved_at = clock.now()
    certificate.save(force_insert=True)
    edition = Edition(certificate=certificate, number=1, decision=decision, made_at=clock.now())
    edition.manifest = manifest.build(
        certificate, edition=1, next_surveillance_due=cycle.first_surveillance.last
    )
    edition.manifest_sha256 = manifest.fingerprint(edition.manifest)
    perform(table("edition").step("reserve"), edition, actor=None)
    promise_job(kind=ISSUE_JOB, obj=certificate, case=case)
    close_tasks(kinds=["certificate.reserve"], obj=decision)
    for voided in decision.certificates.exclude(pk=certificate.pk):
        close_tasks(kinds=["certificate.voided"], obj=voided)
    return {"number": certificate.number, "manifest_sha256": edition.manifest_sha256, "decision": decision.pk}


def reserve_edition(edition: Edition, *, actor: User | None) -> Facts:
    edition.save(force_insert=True)
    return {
        "number": edition.certificate.number,
        "edition": edition.number,
        "manifest_sha256": edition.manifest_sha256,
    }


def file_document(edition: Edition, *, actor: User | None, document: IssuedDocument) -> Facts:
    """Keep one durable PDF of an edition; the row is written once."""
    document.save(force_insert=True)
    return {"language": document.language, "sha256": document.sha256, "file": str(document.file_id)}


def issue(certificate: Certificate, *, actor: User | None) -> Facts:
    """Everything that becomes true in the moment of issue: edition, history, plan of the cycle, register."""
    edition = certificate.editions.get(state=EditionState.RESERVED)
    documents = edition.documents.order_by("language")
    _take_over(certificate, actor)
    change = StatusChange.objects.create(
        certificate=certificate,
        status=CertificateState.VALID,
        ground=StatusGround.ISSUED,
        effective_on=certificate.issued_on,
        at=clock.now(),
    )
    planned = plan_cycle(
        certificate, surveillance_due=date.fromisoformat(edition.manifest["next_surveillance_due"])
    )
    enter_register(certificate, edition)
    perform(table("edition").step("issue"), edition, actor=None)
    return {
        "number": certificate.number,
        "edition": edition.number,
        "documents": {document.language: document.sha256 for document in documents},
        "change": change.pk,
        "ground": change.ground,
        "effective_on": change.effective_on,
        "cycle": [plan_line(entry) for entry in planned],
    }


def _take_over(certificate: Certificate, actor: User | None) -> None:
    """Continue the certificates that still stand, locked, so that none of them is suspended meanwhile."""
    older = standing_certificates(certificate.case).exclude(pk=certificate.pk).select_for_update(no_key=True)
    continued = [entry.pk for entry in older]
    if missing := tuple(conditions.no_other_stands(certificate, actor)):
        raise NotReady(_("The certificate cannot take over now."), missing)
    Certificate.objects.filter(pk__in=continued).update(continued_by=certificate)


def plan_line(entry: CycleDate) -> list[str | int]:
    """A planned visit as the trail records it."""
    return [entry.kind, entry.ordinal, entry.opens_on.isoformat(), entry.due_on.isoformat()]


def plan_cycle(certificate: Certificate, *, surveillance_due: date) -> list[CycleDate]:
    """Plan the first surveillance as it was printed, and the recertification, with the windows of today's settings."""
    cycle = cycle_from(certificate.issued_on, old_last_day=_day_before_validity(certificate))
    windows = (
        (CycleKind.SURVEILLANCE, min(cycle.first_surveillance.first, surveillance_due), surveillance_due),
        (CycleKind.RECERTIFICATION, cycle.recertification.first, certificate.expires_on),
    )
    return [
        CycleDate.objects.create(
            certificate=certificate, kind=kind, ordinal=1, opens_on=opens_on, due_on=due_on
        )
        for kind, opens_on, due_on in windows
    ]


def _day_before_validity(certificate: Certificate) -> date | None:
    if certificate.valid_from == certificate.issued_on:
        return None
    return date.fromordinal(certificate.valid_from.toordinal() - 1)


def enter_register(certificate: Certificate, edition: Edition) -> None:
    """Make the certificate findable by the names that its current edition prints."""
    certificate.searchable = fold_names(
        edition.manifest["client_name_zh"], edition.manifest["client_name_en"]
    )
    certificate.save(update_fields=["searchable"])
    RegisterTerm.objects.filter(certificate=certificate).delete()
    RegisterTerm.objects.bulk_create(
        RegisterTerm(certificate=certificate, term=term) for term in terms_of_names(certificate.searchable)
    )


def void(certificate: Certificate, *, actor: User | None, reason: str) -> Facts:
    """Explain a number that will never be used."""
    certificate.void_reason = reason[:500]
    certificate.save(update_fields=["void_reason"])
    for edition in certificate.editions.filter(state=EditionState.RESERVED):
        perform(table("edition").step("void"), edition, actor=None)
    return {"number": certificate.number, "attempts": certificate.attempts}
