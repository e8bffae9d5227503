"""One case from the first form to the issued certificate, by steps alone, and the side roads that it does not take."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from unittest import mock

from certbody.accounts.models import JoinRequest, User
from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.clock import today
from certbody.files.models import Quarantine
from certbody.files.storage import store
from certbody.workflow import perform, table
from certificates.models import Certificate, ProofLetter
from tests.road import applications, audits, certificates, invoices
from tests.road.enquiries import quoted_enquiry
from tests.road.people import make_user


def take(obj: Any, aggregate: str, name: str, actor: User | None, **data: Any) -> Any:
    return perform(table(aggregate).step(name), obj, actor=actor, **data)


@contextmanager
def contracts_by_steps() -> Iterator[None]:
    """Let the road of audits begin on an application and a contract that were made by steps."""

    def contracted_case(client: User, **_facts: object) -> Any:
        return applications.accepted_contract(client).case

    with mock.patch.object(audits, "contracted_case", contracted_case):
        yield


def released_case() -> certificates.ReleasedCase:
    """Application, contract, audit with a verified finding, released report."""
    with contracts_by_steps():
        road = audits.released_report(specials=1)
    assert road.report is not None
    sales = road.case.involvements.get(part="sales").person.users.get()
    return certificates.ReleasedCase(
        case=road.case,
        report=road.report,
        client=road.client,
        sales=sales,
        lead=road.lead,
        auditor=road.auditor,
        reviewer=road.reviewer,
    )


def issued_certificate() -> Certificate:
    """The whole road."""
    return certificates.issued_certificate(certificates.signed_decision(released_case()))


def declined_after_questions() -> None:
    client, reviewer = make_user(), make_user(Role.REVIEWER)
    application = applications.submitted_application(client)
    question = {"section": "scope", "text": "Which goods?"}
    take(application, "application", "ask", reviewer, questions=[question])
    asked = application.questions.get()
    take(application, "application", "answer", client, question=asked.pk, answer="Household appliances.")
    application.refresh_from_db()
    take(application, "application", "resubmit", client)
    take(application, "application", "decline", reviewer, reason="The organisation has no legal personality.")


def withdrawn() -> None:
    client = make_user()
    take(applications.begun_application(client), "application", "withdraw", client, reason="Not now.")


def contract_void_then_superseded() -> None:
    officer = make_user(Role.CONTRACTS)
    application = applications.accepted_application()
    draft = applications.drafted_contract(application, officer)
    take(draft, "contract", "void", officer, reason="Wrong tariff.")
    take(applications.drafted_contract(application, officer), "contract", "supersede", None)


def adjusted_then_amended() -> None:
    """A large time cut, refused once and then agreed to; later the contract is amended."""
    officer, client, quality = make_user(Role.CONTRACTS), make_user(), make_user(Role.QUALITY)
    draft = applications.drafted_contract(applications.accepted_application(client), officer)
    cut = {"adjustment": Decimal(-3), "code": "combined", "reason": "Together with another audit."}
    take(draft, "contract", "revise", officer, **cut)
    take(draft, "contract", "refuse_adjustment", quality, reason="Too much.")
    take(draft, "contract", "approve_adjustment", quality)
    offered = applications.printed(take(draft, "contract", "offer", officer))
    take(offered, "contract", "accept", client, sha256=offered.pdf_sha256)
    take(offered, "contract", "amend", officer, wish="client", reason="Another fee table.")


def enquiries_to_the_end() -> None:
    """One becomes an application, the other is closed."""
    officer = make_user(Role.CONTRACTS)
    first = quoted_enquiry(officer)
    take(first, "enquiry", "edit", officer, values={"note": "Calls again."})
    take(first, "enquiry", "mail_quote", officer)
    application = applications.begun_application(make_user())
    take(first, "enquiry", "link", officer, application=application)
    take(quoted_enquiry(officer), "enquiry", "close", officer, reason="Went elsewhere.")


def change_after_stage_1() -> None:
    """Not ready, then a change of the headcount: the application is in review again, the contract superseded."""
    road = audits.stage1_audit()
    road.take("conclude_not_ready", road.lead, note="The handbook is missing.")
    changes = {"headcount": 60}
    road.take("report_change", road.lead, changes=changes, sites_changed=False, reason="More people.")


def returned_on_the_way() -> None:
    """A changed plan, a returned answer, a reopened sheet and a returned report."""
    planned = audits.confirmed_audit()
    planned.take("replan", planned.planner, reason="The client moves.")

    road = audits.scored_audit(specials=1)
    finding = road.findings[0]
    answer = {"cause": "No training.", "correction": "Corrected.", "corrective_action": "Training."}
    take(finding, "finding", "answer", road.client, **answer)
    take(finding, "finding", "return", road.lead, answer=finding.answers.get().pk, reason="Name the cause.")

    reviewed = audits.signed_off_report()
    take(reviewed.report, "report", "return", reviewed.reviewer, version=1, reason="The summary is thin.")


def returned_decision() -> None:
    decision = certificates.taken_decision(certificates.released_case())
    take(decision, "decision", "return", make_user(Role.HEAD), reason="A member was missing.")


def void_number() -> None:
    certificate = certificates.reserved_certificate()
    take(certificate, "certificate", "void", None, reason="The documents could not be made.")


def suspended_restored_withdrawn() -> None:
    certificate, head = certificates.issued_certificate(), make_user(Role.HEAD)
    for name, ground in (
        ("suspend", "client_request"),
        ("restore", "corrected"),
        ("withdraw", "client_request"),
    ):
        take(certificate, "certificate", name, head, ground=ground, reason="As agreed.")


def scoring_tables() -> None:
    head, quality = make_user(Role.HEAD), make_user(Role.QUALITY)
    for last in ("discard", "confirm_as_quality"):
        draft = take(ScoringTable(scheme=applications.SCHEME), "scoring_table", "begin", head)
        take(draft, "scoring_table", "confirm_as_head", head)
        take(draft, "scoring_table", last, quality)
    take(draft, "scoring_table", "retire", head)


def invoices_to_the_end() -> None:
    """One is discarded, one paid, one credited."""
    finance = make_user(Role.FINANCE)
    contract = applications.accepted_contract(make_user())
    invoices.take("discard", invoices.drafted_invoice(contract, finance), finance, reason="Wrong kind.")
    first = invoices.sent_invoice(contract, finance, "application")
    invoices.pay(first, finance)
    second = invoices.sent_invoice(contract, finance, "audit")
    amounts = {line.pk: line.amount for line in second.lines.all()}
    invoices.take("credit", second, finance, amounts=amounts, reason="Wrong title.")


def asked_to_be_let_in() -> None:
    """One newcomer is let in, another is not."""
    owner = make_user()
    organisation = applications.begun_application(owner).case.organisation
    for answer in ("let_in", "decline"):
        newcomer = make_user()
        wish = JoinRequest(organisation=organisation, person=newcomer.person)
        take(take(wish, "join_request", "ask", newcomer), "join_request", answer, owner)


def proof_for_a_tender() -> None:
    certificate = certificates.issued_certificate()
    officer = make_user(Role.CERTIFICATES)
    letter = take(ProofLetter(certificate=certificate, as_of=today()), "proof_letter", "ask", officer)
    take(letter, "proof_letter", "file", None, file=certificate.case.files.first())


def file_in_quarantine() -> None:
    quality, case = make_user(Role.QUALITY), applications.begun_application(make_user()).case
    stored = store(content=b"%PDF clean when it came", name="notes.pdf", kind="notes", case=case)
    closed = Quarantine(file=stored, case=case, infection="Eicar-Test-Signature")
    kept = take(take(closed, "quarantine", "hold", None), "quarantine", "keep", quality)
    take(kept, "quarantine", "release", quality, reason="A false alarm.")


SIDE_ROADS: tuple[Callable[[], None], ...] = (
    declined_after_questions,
    withdrawn,
    file_in_quarantine,
    contract_void_then_superseded,
    adjusted_then_amended,
    enquiries_to_the_end,
    invoices_to_the_end,
    asked_to_be_let_in,
    proof_for_a_tender,
    change_after_stage_1,
    returned_on_the_way,
    returned_decision,
    void_number,
    suspended_restored_withdrawn,
    scoring_tables,
)
