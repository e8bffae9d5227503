"""The objects of one whole road: by aggregate, and by the names that `urls.toml` uses in addresses."""

from decimal import Decimal
from typing import Any

from django.db import connection

from applications.catalogue.review_items import ITEMS
from applications.models import (
    BankLine,
    BankStatement,
    DocumentFinding,
    DocumentVerdict,
    Invoice,
    ProposedExclusion,
    Question,
    ReportedChange,
    RequestedChange,
    SelfAssessment,
    TransferredCertificate,
)
from applications.services.bank import take_over, upload_statement
from applications.services.contracts import PDF_JOB
from applications.services.invoice_titles import change_title
from audits.models import Concern, ExclusionSettlement, Finding, Qualification
from certbody import triggers
from certbody.accounts.models import Authorisation, Interest, Invitation, JoinRequest, Organisation, User
from certbody.accounts.roles import Role
from certbody.body import preparation
from certbody.body.models import ScoringTable
from certbody.cases.models import Case
from certbody.clock import now, today
from certbody.files import previews
from certbody.files.models import Quarantine, StoredFile, Upload
from certbody.outbox.models import Job
from certbody.scheme.load import shipped
from certbody.trail.models import Event, EventContext
from certbody.web.models import SavedFilter
from certbody.workflow import perform
from certificates.models import Certificate, ProofLetter
from certificates.transitions.letters import ASK_FOR_PROOF
from tests.road.enquiries import quoted_enquiry
from tests.road.invoices import pay, sent_invoice, take
from tests.road.people import make_person, make_user


def invoice_of(case: Case) -> Invoice:
    """An invoice of the case, partly paid and credited, with a bank statement of which a line is left."""
    if found := case.invoices.first():
        return found
    finance = make_user(Role.FINANCE)
    client = User.objects.get(person__memberships__organisation=case.organisation_id)
    bank = {"address": "1 Keji Road", "phone": "0755-1", "bank": "A bank", "account": "6222 0000"}
    title = {"wants": "special", "title": case.organisation.name, "taxpayer_number": "914403001922038216"}
    change_title(organisation=case.organisation, actor=client, values=title | bank)
    invoice = sent_invoice(case.contracts.get(), finance)
    pay(invoice, finance, "1000", payer="A third party", note="Clarified.", reference="B-1")
    line = invoice.lines.first()
    take("credit", invoice, finance, amounts={line.pk: Decimal(10)}, reason="A discount.")
    content = f"date,amount,payer,purpose\n{today().isoformat()},500.00,A third party,For {invoice.number}\n"
    statement = upload_statement(actor=finance, name="bank.csv", content=content.encode(), extension="csv")
    columns = {"on": 0, "amount": 1, "payer": 2, "purpose": 3, "reference": None}
    take_over(statement=statement, actor=finance, header=0, columns=columns)
    upload_statement(
        actor=finance, name="next.csv", content=content.encode() + b"\n1,2,3,4\n", extension="csv"
    )
    return Invoice.objects.get(pk=invoice.pk)


def things_of(certificate: Certificate) -> dict[str, Any]:
    case, decision = certificate.case, certificate.decision
    application, audit = case.application, case.audit
    qualification = Qualification.objects.filter(person=audit.team.get(role="lead").person).get()
    person = qualification.person
    authorisation = Authorisation.objects.create(
        person=make_person(), kind="sign", since=today(), until=today(), reference="1"
    )
    kept = SavedFilter.objects.create(
        user=make_user("planner"), list_key="applications", query="state=draft", name="甲", shared_with="head"
    )
    invoice = invoice_of(case)
    line = BankLine.objects.get()
    assessed = SelfAssessment.objects.create(
        organisation=case.organisation,
        goods="tangible",
        result={"final": "80.000000", "grade": "star3", "sections": {}},
        made_by=User.objects.filter(person__memberships__organisation=case.organisation).get(),
    )
    return {
        "invoice": invoice.pk,
        "invoice_number": invoice.number,
        "credit_note": invoice.credit_notes.get().number,
        "statement": BankStatement.objects.get(imported_at=None).pk,
        "bank_line": line.pk,
        "reference": case.reference,
        "organisation": case.organisation_id,
        "membership": case.organisation.memberships.get().pk,
        "invitation": _invitation(case.organisation).pk,
        "site": application.sites.get().pk,
        "document": application.documents.first().pk,
        "kind": application.documents.first().kind,
        "section": "scope",
        "item": ITEMS[0].key,
        "contract": case.contracts.get().number,
        "audit": audit.pk,
        "clause": shipped(case.scheme).clauses[0].id,
        "operation": audit.operations.get(kind="special").pk,
        "person": person.pk,
        "user": person.users.get().pk,
        "role": person.role_assignments.get().pk,
        "authorisation": authorisation.pk,
        "qualification": qualification.pk,
        "panel": decision.panel_id,
        "decision": decision.pk,
        "certificate": certificate.pk,
        "number": certificate.number,
        "file": case.contracts.get().pdf_id,
        "upload": _upload_of(certificate),
        "pictured": _pictured(application.documents.first().file).pk,
        "job": Job.objects.get(kind=PDF_JOB, object_id=str(case.contracts.get().pk)).pk,
        "table": ScoringTable.objects.get().pk,
        "setting": "body_name",
        "enquiry": quoted_enquiry().reference,
        "indicative": 1,
        "list": "applications",
        "action": "remind",
        "filter": kept.pk,
        "self_assessment": assessed.pk,
    }


def _upload_of(certificate: Certificate) -> Any:
    """A file of the client that is on its way."""
    client = certificate.case.application.submitted_by
    row = Upload(user=client, purpose="application-document", target="0:profile", name="plan.png", size=9)
    row.save()
    return row.pk


def _pictured(stored: StoredFile) -> StoredFile:
    """A file whose first page has been drawn; what the picture shows is no matter here."""
    path = previews.path_of(stored)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a small picture")
    return stored


def _invitation(organisation: Organisation) -> Invitation:
    found = organisation.invitations.first()
    return found or Invitation.objects.create(
        organisation=organisation,
        email="invited@clients.example",
        token_hash="0" * 64,
        created_by=organisation.memberships.get().person,
        expires_on=today(),
    )


def objects_of(certificate: Certificate) -> dict[str, Any]:
    """One object of every aggregate of the case that ended with this certificate."""
    case, decision = certificate.case, certificate.decision
    return {
        "application": case.application,
        "contract": case.contracts.get(),
        "invoice": invoice_of(case),
        "audit": case.audit,
        "finding": Finding.objects.filter(case=case).first(),
        "report": decision.report,
        "panel": decision.panel,
        "decision": decision,
        "certificate": certificate,
        "edition": certificate.editions.get(),
        "scoring_table": ScoringTable.objects.first(),
        "proof_letter": ProofLetter(certificate=certificate),
        "join_request": JoinRequest(organisation=case.organisation, person=make_person()),
        "enquiry": quoted_enquiry(),
        "quarantine": Quarantine(file=case.contracts.get().pdf, case=case),
    }


def rest_of(certificate: Certificate) -> None:
    """Rows that this road does not make, so that the case holds a text of every kind."""
    case, person = certificate.case, make_person()
    application, audit = case.application, case.audit
    clauses = shipped(case.scheme).clauses
    by_person = {"person": person, "clause": clauses[1].id}
    with preparation.as_owner():
        triggers.drop_all(connection)
        Interest.objects.create(
            person=person, organisation=case.organisation, kind="group", since=today(), note="A stake."
        )
        Question.objects.create(
            application=application,
            revision=1,
            section="scope",
            text="Which?",
            asked_by=person,
            answer="These.",
        )
        ProposedExclusion.objects.create(application=application, clause=clauses[1].id, reason="None sold.")
        DocumentFinding.objects.create(
            document=application.documents.last(),
            revision=application.revision,
            verdict=DocumentVerdict.ACCEPTED,
            remark="Clear.",
            person=person,
        )
        Quarantine.objects.create(
            case=case,
            file=case.contracts.get().pdf,
            state="released",
            infection="Eicar-Test-Signature",
            release_reason="A false alarm.",
        )
        RequestedChange.objects.create(application=application, reason="Renamed.")
        ReportedChange.objects.create(
            application=application,
            about_scope=True,
            description="We sell more.",
            said_by="Li Na",
            told_by=make_user(),
            outcome="declined",
            answer="That is in the scope.",
            settled_by=person,
            settled_at=now(),
        )
        TransferredCertificate.objects.create(application=application, reason="One body for the group.")
        ExclusionSettlement.objects.create(audit=audit, reason="None sold.", is_accepted=True, **by_person)
        disposed = {"disposition": "Seen.", "disposed_by": person, "disposed_at": now()}
        Concern.objects.create(audit=audit, text="Look at this.", **by_person, **disposed)
        EventContext.objects.create(event=Event.objects.latest("pk"), user_agent="A browser")
        triggers.create_all(connection)
    letter = ProofLetter(certificate=certificate, as_of=today(), tender="ZB-1")
    perform(ASK_FOR_PROOF, letter, actor=make_user(Role.CERTIFICATES))
