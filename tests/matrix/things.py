"""The objects of one whole road: by aggregate, and by the names that `urls.toml` uses in addresses."""

from typing import Any

from django.db import connection

from applications.models import ProposedExclusion, Question
from applications.review_items import ITEMS
from applications.services.contracts import PDF_JOB
from audits.models import Concern, ExclusionSettlement, Finding, Qualification
from certbody import triggers
from certbody.accounts.models import Authorisation, Interest, Invitation, JoinRequest, Organisation
from certbody.accounts.roles import Role
from certbody.body import preparation
from certbody.body.models import ScoringTable
from certbody.clock import now, today
from certbody.outbox.models import Job
from certbody.scheme.load import shipped
from certbody.trail.models import Event, EventContext
from certbody.workflow import perform
from certificates.models import Certificate, ProofLetter
from certificates.transitions.letters import ASK_FOR_PROOF
from tests.road.people import make_person, make_user


def things_of(certificate: Certificate) -> dict[str, Any]:
    case, decision = certificate.case, certificate.decision
    application, audit = case.application, case.audit
    qualification = Qualification.objects.filter(person=audit.team.get(role="lead").person).get()
    person = qualification.person
    authorisation = Authorisation.objects.create(
        person=make_person(), kind="sign", since=today(), until=today(), reference="1"
    )
    return {
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
        "job": Job.objects.get(kind=PDF_JOB, object_id=str(case.contracts.get().pk)).pk,
        "table": ScoringTable.objects.get().pk,
        "setting": "body_name",
    }


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
        ExclusionSettlement.objects.create(audit=audit, reason="None sold.", is_accepted=True, **by_person)
        disposed = {"disposition": "Seen.", "disposed_by": person, "disposed_at": now()}
        Concern.objects.create(audit=audit, text="Look at this.", **by_person, **disposed)
        EventContext.objects.create(event=Event.objects.latest("pk"), user_agent="A browser")
        triggers.create_all(connection)
    letter = ProofLetter(certificate=certificate, as_of=today(), tender="ZB-1")
    perform(ASK_FOR_PROOF, letter, actor=make_user(Role.CERTIFICATES))
