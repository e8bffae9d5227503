"""Every step of both tables: who may take it, from which states, and what it leaves behind."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest

from applications.catalogue.review_items import items_of
from applications.catalogue.sections import desk_url
from applications.models import Contract, Verdict
from applications.queries import current_contract
from applications.states import ApplicationState, ContractState
from applications.transitions import (
    ACCEPT,
    ACCEPT_OFFER,
    ACCEPT_SCAN,
    APPLICATION,
    APPROVE_ADJUSTMENT,
    ASK,
    ATTACH,
    CONTRACT,
    DECLINE,
    DECLINE_CHANGE,
    DRAFT,
    OFFER,
    REFUSE_ADJUSTMENT,
    REOPEN,
    RESUBMIT,
    RETURN_SCAN,
    REVIEW_ITEM,
    REVISE,
    SAVE,
    SUBMIT,
    TAKE_UP_CHANGE,
    UPLOAD_SCAN,
    VOID,
    WITHDRAW,
)
from certbody import clock
from certbody.cases.models import Part
from certbody.desk.models import Task
from certbody.outbox.models import Message
from certbody.workflow import NotAllowed, NotReady, WrongState, check, perform
from tests.applications.conftest import signed_in
from tests.road.applications import (
    accepted_application,
    accepted_contract,
    begun_application,
    checked_picture,
    complete_application,
    drafted_contract,
    offered_contract,
    printed,
    review_all,
    submitted_application,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


SECOND_PERSON = (APPROVE_ADJUSTMENT, REFUSE_ADJUSTMENT)


def open_tasks() -> set[str]:
    return set(Task.objects.filter(closed_at=None).values_list("kind", flat=True))


def mails() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize(
    "step", [step for step in APPLICATION.steps if step.sources], ids=lambda step: step.name
)
@pytest.mark.parametrize("state", ApplicationState.values)
def test_a_step_of_an_application_is_taken_from_its_own_states_only(client_user, reviewer, step, state):
    application = begun_application(client_user)
    application.state = state
    actor = None if step.surface == "system" else client_user if step.surface == "portal" else reviewer
    if state in step.sources:
        with suppress(NotReady):
            check(step, application, actor)
    else:
        with pytest.raises(WrongState):
            check(step, application, actor)


@pytest.mark.parametrize("step", APPLICATION.steps, ids=lambda step: step.name)
def test_an_application_is_moved_by_nobody_but_its_side(
    client_user, stranger, reviewer, officer, auditor, step
):
    application = begun_application(client_user)
    people = {client_user, stranger, reviewer, officer, auditor}
    allowed = {"portal": {client_user}, "desk": {reviewer}, "system": set()}[step.surface]
    if step in {TAKE_UP_CHANGE, DECLINE_CHANGE}:  # the contract officer reads them too
        allowed = {reviewer, officer}
    assert {person for person in people if step.allowed(person, application)} == allowed
    assert bool(step.allowed(None, application)) == (step.surface == "system")
    for person in people - allowed:
        with pytest.raises(NotAllowed):
            check(step, application, person)


@pytest.mark.parametrize("step", CONTRACT.steps, ids=lambda step: step.name)
def test_a_contract_is_moved_by_nobody_but_its_side(client_user, stranger, reviewer, officer, auditor, step):
    application = begun_application(client_user)
    contract = Contract(case=application.case, application=application)
    people = {client_user, stranger, reviewer, officer, auditor}
    allowed = {"portal": {client_user}, "desk": {officer}, "system": set()}[step.surface]
    if step in SECOND_PERSON:
        allowed = set()
    assert {person for person in people if step.allowed(person, contract)} == allowed


@pytest.mark.parametrize(
    "step", [step for step in CONTRACT.steps if step.sources], ids=lambda step: step.name
)
def test_a_step_of_a_contract_is_taken_from_its_own_states_only(client_user, officer, step):
    contract = drafted_contract(accepted_application(client_user), officer)
    actor = {"system": None, "portal": client_user, "desk": officer}[step.surface]
    if step in SECOND_PERSON:
        actor = make_user("quality")
    for state in ContractState.values:
        contract.state = state
        if state not in step.sources:
            with pytest.raises(WrongState):
                check(step, contract, actor)


def test_the_road_leads_to_an_accepted_contract(client_user, reviewer, officer):
    contract = accepted_contract(client_user, reviewer, officer)
    contract.refresh_from_db()
    assert contract.state == ContractState.ACCEPTED
    assert contract.accepted_by == client_user
    assert contract.accepted_sha256 == contract.pdf_sha256 != ""
    assert not [kind for kind in open_tasks() if kind.startswith(("application.", "contract."))]
    assert mails() == [
        "application.submitted",
        "application.accepted",
        "contract.offered",
        "contract.accepted",
    ]
    parts = set(contract.case.involvements.values_list("person", "part"))
    assert parts == {(reviewer.person_id, Part.APPLICATION_REVIEW), (officer.person_id, Part.SALES)}


def test_the_client_is_reminded_of_a_draft_until_it_is_submitted(client_user):
    application = complete_application(client_user)
    assert open_tasks() == {"application.complete"}
    perform(SUBMIT, application, actor=client_user)
    assert open_tasks() == {"application.review"}
    task = Task.objects.get(kind="application.review")
    assert (task.due_on - task.opened_at.date()).days in {13, 14, 15}


def test_a_submission_counts_up_and_pins_what_was_submitted(client_user):
    application = submitted_application(client_user)
    event = application.case.events.get(name="application.submitted")
    assert application.revision == event.data["revision"] == 1
    assert set(event.data["documents"]) == {
        str(pk) for pk in application.documents.values_list("pk", flat=True)
    }
    assert all(len(sha256) == 64 for sha256 in event.data["documents"].values())


def test_nothing_can_be_written_in_an_application_under_review(client_user):
    application = submitted_application(client_user)
    with pytest.raises(WrongState):
        perform(SAVE, application, actor=client_user, section="scope", values={"scope": "别的"})
    with pytest.raises(WrongState):
        perform(ATTACH, application, actor=client_user, kind="permits", upload=checked_picture())


def test_withdrawing_ends_the_application_and_its_tasks(client_user):
    application = submitted_application(client_user)
    perform(WITHDRAW, application, actor=client_user, reason="另行安排")
    application.refresh_from_db()
    assert (application.state, application.closing_reason) == (ApplicationState.WITHDRAWN, "另行安排")
    assert open_tasks() == set()


def test_declining_tells_the_client_and_keeps_the_reason_out_of_the_trail(client_user, reviewer):
    application = submitted_application(client_user)
    perform(DECLINE, application, actor=reviewer, reason="重大质量问题")
    application.refresh_from_db()
    assert application.state == ApplicationState.DECLINED
    assert mails()[-1] == "application.declined"
    assert "重大质量问题" not in str(application.case.events.get(name="application.declined").data)
    assert open_tasks() == set()


def test_accepting_needs_every_item_fulfilled(client_user, reviewer):
    application = submitted_application(client_user)
    with pytest.raises(NotReady) as refusal:
        perform(ACCEPT, application, actor=reviewer)
    assert len(refusal.value.missing) == len(items_of(application))
    assert all("#item-" in item.link for item in refusal.value.missing)


def test_an_item_not_fulfilled_keeps_the_application_from_being_accepted(client_user, reviewer):
    application = submitted_application(client_user)
    review_all(application, reviewer)
    perform(
        REVIEW_ITEM,
        application,
        actor=reviewer,
        key="means",
        verdict=Verdict.NOT_FULFILLED,
        note="场所无法进入",
    )
    with pytest.raises(NotReady) as refusal:
        perform(ACCEPT, application, actor=reviewer)
    assert "Not fulfilled: The means for every evaluation activity" in str(refusal.value.missing[0].sentence)


def test_questions_go_to_the_client_and_come_back(client_user, reviewer):
    application = submitted_application(client_user)
    questions = [{"section": "scope", "item": "scope", "text": "是否包括网上销售？"}]
    perform(ASK, application, actor=reviewer, questions=questions)
    assert open_tasks() == {"application.answer"}
    with pytest.raises(NotReady) as refusal:
        perform(RESUBMIT, application, actor=client_user)
    assert "Questions without an answer: 1." in str(refusal.value.missing[0].sentence)


def test_an_accepted_application_that_changes_goes_back_and_its_contract_stays_until_the_next(
    client_user, reviewer, officer
):
    contract = accepted_contract(client_user, reviewer, officer)
    application = contract.application
    perform(REOPEN, application, actor=None, changes={"headcount": 90}, reason="人数增加")
    application.refresh_from_db()
    contract.refresh_from_db()
    assert (application.state, application.revision, application.headcount) == (
        ApplicationState.SUBMITTED,
        2,
        90,
    )
    assert contract.state == ContractState.ACCEPTED
    assert current_contract(contract.case) is None
    event = application.case.events.get(name="application.reopened")
    assert event.data == {"revision": 2, "fields": ["headcount"], "contract": None, "has_reason": True}
    with pytest.raises(NotReady):
        perform(ACCEPT, application, actor=reviewer)
    page = signed_in(reviewer).get(desk_url(application)).content.decode()
    assert "In review again since" in page


def test_after_a_reopened_review_a_second_contract_can_be_made(client_user, reviewer, officer):
    contract = accepted_contract(client_user, reviewer, officer)
    application = contract.application
    perform(REOPEN, application, actor=None, changes={"headcount": 90})
    application.refresh_from_db()
    review_all(application, reviewer)
    perform(ACCEPT, application, actor=reviewer)
    second = drafted_contract(application, officer)
    assert second.number == f"{application.case.reference}-C2"
    assert second.person_days > contract.person_days


def test_a_reopening_changes_nothing_but_fields_of_the_application(client_user):
    application = accepted_application(client_user)
    with pytest.raises(ValueError, match="not fields of an application"):
        perform(REOPEN, application, actor=None, changes={"revision": 9})


def test_an_application_has_one_quote_at_a_time(client_user, officer):
    application = accepted_application(client_user)
    drafted_contract(application, officer)
    with pytest.raises(NotReady):
        drafted_contract(application, officer)


def test_no_quote_is_made_before_the_application_is_accepted(client_user, officer):
    with pytest.raises(NotReady) as refusal:
        drafted_contract(submitted_application(client_user), officer)
    assert "has not been accepted" in str(refusal.value.missing[0].sentence)


def test_an_adjustment_needs_its_reason_and_changes_days_and_total(client_user, officer):
    contract = drafted_contract(accepted_application(client_user), officer)
    with pytest.raises(NotReady):
        perform(REVISE, contract, actor=officer, adjustment=1)
    perform(REVISE, contract, actor=officer, adjustment=Decimal(1), code="complexity", reason="两类商品")
    contract.refresh_from_db()
    assert (contract.person_days, contract.total) == (Decimal(7), Decimal(26000))
    perform(REVISE, contract, actor=officer, adjustment=Decimal(0), reason="无")
    contract.refresh_from_db()
    assert (contract.person_days, contract.adjustment_reason) == (Decimal(6), "")
    with pytest.raises(NotReady, match="no person-days"):
        perform(REVISE, contract, actor=officer, adjustment=Decimal(-6), code="other", reason="错")


def test_only_the_document_that_the_client_saw_can_be_accepted(client_user, officer):
    contract = offered_contract(accepted_application(client_user), officer)
    with pytest.raises(WrongState, match="no longer the one that you saw"):
        perform(ACCEPT_OFFER, contract, actor=client_user, sha256="0" * 64)


def test_an_offer_without_document_cannot_be_accepted(client_user, officer):
    contract = drafted_contract(accepted_application(client_user), officer)
    contract = perform(OFFER, contract, actor=officer)
    with pytest.raises(NotReady):
        perform(ACCEPT_OFFER, contract, actor=client_user, sha256="")


def test_an_offer_is_open_until_its_last_day_inclusive(client_user, officer):
    contract = offered_contract(accepted_application(client_user), officer)
    with clock.at(contract.valid_until):
        check(ACCEPT_OFFER, contract, client_user)
    with clock.at(contract.valid_until + timedelta(days=1)), pytest.raises(NotReady):
        check(ACCEPT_OFFER, contract, client_user)


def test_a_signed_scan_is_checked_by_staff_and_its_hash_is_what_was_accepted(client_user, officer):
    contract = offered_contract(accepted_application(client_user), officer)
    with pytest.raises(NotReady):
        perform(ACCEPT_SCAN, contract, actor=officer, sha256="")
    perform(UPLOAD_SCAN, contract, actor=client_user, upload=checked_picture("signed.png"))
    assert open_tasks() == {"contract.check_scan"}
    contract.refresh_from_db()
    with pytest.raises(WrongState, match="another scan"):
        perform(ACCEPT_SCAN, contract, actor=officer, sha256="0" * 64)
    perform(ACCEPT_SCAN, contract, actor=officer, sha256=contract.signed_scan.sha256)
    contract.refresh_from_db()
    assert contract.state == ContractState.ACCEPTED
    assert contract.accepted_sha256 == contract.signed_scan.sha256
    assert (contract.accepted_by, contract.scan_checked_by) == (client_user, officer.person)
    assert (
        contract.case.events.get(name="contract.accepted_on_paper").data["sha256"] == contract.accepted_sha256
    )


def test_a_scan_that_is_not_the_contract_goes_back_to_the_client(client_user, officer):
    contract = offered_contract(accepted_application(client_user), officer)
    perform(UPLOAD_SCAN, contract, actor=client_user, upload=checked_picture("signed.png"))
    perform(RETURN_SCAN, contract, actor=officer, reason="没有盖章")
    contract.refresh_from_db()
    assert (contract.signed_scan, contract.scan_return_reason) == (None, "没有盖章")
    assert open_tasks() == {"contract.accept"}
    assert mails()[-1] == "contract.scan_returned"


def test_a_quote_taken_back_unseen_is_not_mailed_and_makes_room_for_another(client_user, officer):
    application = accepted_application(client_user)
    contract = drafted_contract(application, officer)
    perform(VOID, contract, actor=officer, reason="错误")
    assert "contract.voided" not in mails()
    assert open_tasks() == {"contract.make"}
    second = drafted_contract(application, officer)
    assert second.revision == 2
    assert open_tasks() == {"contract.offer"}


def test_an_offer_taken_back_is_mailed_and_cannot_be_accepted(client_user, officer):
    contract = offered_contract(accepted_application(client_user), officer)
    perform(VOID, contract, actor=officer, reason="人数有误")
    assert mails()[-1] == "contract.voided"
    with pytest.raises(WrongState):
        perform(ACCEPT_OFFER, contract, actor=client_user, sha256=contract.pdf_sha256)


def test_a_quote_beyond_the_table_says_so(client_user, officer):
    application = accepted_application(
        client_user, headcount=20_000, service_management_headcount=2_000, managers_trained=200
    )
    with pytest.raises(NotReady, match="no row for 20000 people"):
        perform(DRAFT, Contract(case=application.case, application=application), actor=officer)


def test_the_contract_as_it_was_offered_is_never_printed_twice(client_user, officer):
    contract = offered_contract(accepted_application(client_user), officer)
    with pytest.raises(WrongState, match="has its document already"):
        printed(contract)
