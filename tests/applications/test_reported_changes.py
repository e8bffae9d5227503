"""A client tells of a change after the acceptance: opened, changed, reviewed anew, amended, or declined."""

from decimal import Decimal
from functools import partial

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from applications.catalogue.sections import check_url, desk_url, portal_url, section_url
from applications.models import ReportedChange
from applications.queries import contract_in_force, current_contract, reopening_of
from applications.queries.amendments import changes_of
from applications.queries.resubmission import changes_in
from applications.transitions import (
    ACCEPT,
    ACCEPT_OFFER,
    AMEND,
    ASK,
    DECLINE,
    DECLINE_CHANGE,
    OFFER,
    REMIND_OF_QUESTIONS,
    RESUBMIT,
    SAVE,
    SAVE_SITE,
    TAKE_UP_CHANGE,
    TELL_CHANGE,
    WITHDRAW,
)
from certbody.desk.models import Task
from certbody.outbox.sweeper import sweep
from certbody.workflow import NotReady, WrongState, perform
from tests.applications.conftest import signed_in
from tests.road.applications import (
    accepted_application,
    accepted_contract,
    drafted_contract,
    offered_contract,
    printed,
    review_all,
)

pytestmark = pytest.mark.django_db
WORDS = "新开两家门店，人数增加"
SAID = {"about": ["headcount"], "description": WORDS, "said_by": "李娜（行政），电话"}


@pytest.fixture
def in_force(client_user, reviewer, officer):
    return accepted_contract(client_user, reviewer, officer)


def told(application, client_user, *about):
    perform(TELL_CHANGE, application, actor=client_user, about=about or ["headcount"], description=WORDS)
    return application.reported_changes.last()


def opened(application, client_user, officer, *about):
    report = told(application, client_user, *about)
    perform(TAKE_UP_CHANGE, application, actor=officer, report=report.pk)
    application.refresh_from_db()
    return application


def changed(application, client_user):
    """What a client types whose headcount has grown to 90."""
    figures = {"headcount": 90, "service_management_headcount": 9, "managers_trained": 1}
    perform(SAVE, application, actor=client_user, section="organisation", values=figures)
    head = application.sites.get()
    perform(SAVE_SITE, application, actor=client_user, site=head.pk, values=figures)
    perform(RESUBMIT, application, actor=client_user)
    application.refresh_from_db()


def open_tasks():
    rows = Task.objects.filter(closed_at=None, kind__startswith="application.change")
    return sorted(rows.values_list("kind", "role"))


def sentences(refusal):
    return " ".join(str(one.sentence) for one in refusal.value.missing)


def test_a_changed_headcount_ends_in_an_amendment_at_the_clients_wish(
    in_force, client_user, reviewer, officer
):
    application = opened(in_force.application, client_user, officer)
    assert (application.state, application.revision) == ("questions", 1)
    changed(application, client_user)
    assert (application.state, application.revision) == ("submitted", 2)
    assert not application.review_items.filter(revision=2).exists(), "every item is judged anew"
    found = {section.key: section for section in changes_in(application, "en").sections}
    assert ("Headcount", "40", "90") in [
        (one.label, one.before, one.now) for one in found["organisation"].changes
    ]
    assert reopening_of(application).reason == WORDS
    assert contract_in_force(in_force.case).get() == in_force
    review_all(application, reviewer)
    perform(ACCEPT, application, actor=reviewer)
    later = drafted_contract(application, officer)
    assert (later.amends, later.amendment_wish, later.amendment_reason) == (in_force, "client", WORDS)
    assert {one.label: one.new for one in changes_of(later)}["Headcount"] == "90"
    assert later.person_days > in_force.person_days == Decimal(6)
    offer = printed(perform(OFFER, later, actor=officer))
    perform(ACCEPT_OFFER, offer, actor=client_user, sha256=offer.pdf_sha256)
    assert current_contract(in_force.case) == later
    in_force.refresh_from_db()
    assert in_force.state == "superseded"


def test_tasks_and_mails_follow_the_change(in_force, client_user, officer):
    application = in_force.application
    told(application, client_user)
    assert open_tasks() == [("application.change_told", "contracts"), ("application.change_told", "reviewer")]
    report = application.reported_changes.get()
    perform(TAKE_UP_CHANGE, application, actor=officer, report=report.pk)
    assert open_tasks() == [("application.change", "")]
    sweep()
    letter = next(one for one in mail.outbox if "is open for your change" in one.subject)
    assert letter.to == [client_user.email]
    assert portal_url(application) in letter.body
    changed(application, client_user)
    assert open_tasks() == []
    facts = application.case.events.get(name="application.change_taken_up").data
    assert facts == {
        "report": report.pk, "about": ["headcount"], "was_told_by_client": True, "revision": 1, "contract": None
    }  # fmt: skip


def test_only_what_was_told_can_be_changed(in_force, client_user, officer):
    application = opened(in_force.application, client_user, officer)
    with pytest.raises(NotReady, match=r"open only for the change that you told us of \(headcount\)"):
        perform(SAVE, application, actor=client_user, section="scope", values={"scope": "电梯维修"})
    application.refresh_from_db()
    assert application.scope != "电梯维修"
    browser = signed_in(client_user)
    assert browser.get(section_url(application, "organisation")).status_code == 200
    assert browser.get(section_url(application, "sites")).status_code == 200
    assert browser.get(section_url(application, "scope")).url == check_url(application)
    page = browser.get(check_url(application)).content.decode()
    assert section_url(application, "organisation") in page
    assert section_url(application, "scope") not in page


def test_a_section_with_a_gap_is_open_whatever_the_change_is_about(in_force, client_user, officer):
    """Otherwise a closed section could keep the client from ever sending the application."""
    application = opened(in_force.application, client_user, officer)
    type(application).objects.filter(pk=application.pk).update(person_in_charge="")
    perform(
        SAVE, application, actor=client_user, section="prerequisites", values={"person_in_charge": "陈晨"}
    )
    application.refresh_from_db()
    assert application.person_in_charge == "陈晨"


def test_a_question_after_the_change_opens_everything_and_keeps_what_is_settled(
    in_force, client_user, reviewer, officer
):
    application = opened(in_force.application, client_user, officer)
    changed(application, client_user)
    review_all(application, reviewer)
    question = {"section": "scope", "item": "scope", "text": "是否包括安装？", "reason": "other"}
    perform(ASK, application, actor=reviewer, questions=[question])
    perform(SAVE, application, actor=client_user, section="scope", values={"scope": "家电销售与安装"})
    application.questions.update(answer="包括")
    perform(RESUBMIT, application, actor=client_user)
    application.refresh_from_db()
    assert application.revision == 3
    assert application.review_items.filter(revision=3, carried_from=2).exists()


def test_an_open_offer_falls_and_the_next_quote_is_made_from_the_new_figures(client_user, reviewer, officer):
    application = accepted_application(client_user, reviewer)
    offer = offered_contract(application, officer)
    opened(application, client_user, officer)
    offer.refresh_from_db()
    assert offer.state == "superseded"
    changed(application, client_user)
    review_all(application, reviewer)
    perform(ACCEPT, application, actor=reviewer)
    quote = drafted_contract(application, officer)
    assert (quote.headcount, quote.amends) == (90, None)


def test_while_an_amendment_is_open_no_change_is_told_or_taken_up(in_force, client_user, officer):
    report = told(in_force.application, client_user)
    perform(AMEND, in_force, actor=officer, wish="body", reason="收费表变化")
    with pytest.raises(NotReady) as refusal:
        perform(TAKE_UP_CHANGE, in_force.application, actor=officer, report=report.pk)
    assert f"{in_force.case.reference}-C2 is under way" in sentences(refusal)
    perform(DECLINE_CHANGE, in_force.application, actor=officer, reason="并入正在进行的变更")
    with pytest.raises(NotReady) as refusal:
        told(in_force.application, client_user)
    assert "An amendment of your contract is being made" in sentences(refusal)


def test_a_contract_in_force_keeps_the_application_from_ending_while_a_change_is_reviewed(
    in_force, client_user, reviewer, officer
):
    application = opened(in_force.application, client_user, officer)
    with pytest.raises(NotReady) as refusal:
        perform(WITHDRAW, application, actor=client_user)
    assert f"Contract {in_force.number} is in force" in sentences(refusal)
    changed(application, client_user)
    with pytest.raises(NotReady):
        perform(DECLINE, application, actor=reviewer, reason="超出范围")


def test_the_office_opens_the_application_for_a_client_who_called(in_force, client_user, reviewer):
    application = in_force.application
    with pytest.raises(NotReady, match="who of the client told you"):
        perform(TAKE_UP_CHANGE, application, actor=reviewer, **(SAID | {"said_by": ""}))
    perform(TAKE_UP_CHANGE, application, actor=reviewer, **SAID)
    report = application.reported_changes.get()
    assert (report.said_by, report.told_by, report.outcome) == (SAID["said_by"], reviewer, "taken_up")
    assert SAID["said_by"] in signed_in(reviewer).get(desk_url(application)).content.decode()
    with pytest.raises(NotReady) as refusal:
        perform(REMIND_OF_QUESTIONS, application, actor=reviewer)
    assert "Nothing was asked" in sentences(refusal)


def test_nobody_takes_up_another_change_than_the_one_on_the_page(in_force, client_user, officer):
    report = told(in_force.application, client_user)
    with pytest.raises(WrongState, match="has changed meanwhile"):
        perform(TAKE_UP_CHANGE, in_force.application, actor=officer, **SAID)
    perform(DECLINE_CHANGE, in_force.application, actor=officer, reason="无需变更")
    with pytest.raises(WrongState, match="has changed meanwhile"):
        perform(TAKE_UP_CHANGE, in_force.application, actor=officer, report=report.pk)


def test_a_declined_change_leaves_everything_as_it_is_and_says_why(in_force, client_user, officer):
    application = in_force.application
    told(application, client_user, "other")
    reason = "联系人变更不影响合同，请在单位资料中修改。"
    perform(DECLINE_CHANGE, application, actor=officer, reason=reason)
    application.refresh_from_db()
    assert (application.state, application.revision) == ("accepted", 1)
    assert current_contract(in_force.case) == in_force
    assert open_tasks() == []
    assert reason in signed_in(client_user).get(portal_url(application)).content.decode()
    assert reason in signed_in(officer).get(desk_url(application)).content.decode()
    sweep()
    assert any("was not taken up" in one.subject for one in mail.outbox)
    assert told(application, client_user).outcome == ""


@pytest.mark.parametrize(
    "values",
    [
        {"outcome": "taken_up"},
        {"outcome": "declined", "answer": "x"},
        {"answer": "x"},
        {"about_headcount": False},
        {"description": ""},
    ],
)
def test_the_database_keeps_a_report_whole(in_force, client_user, values):
    report = told(in_force.application, client_user)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportedChange.objects.filter(pk=report.pk).update(**values)


def test_the_database_holds_one_open_report_an_application(in_force, client_user):
    report = told(in_force.application, client_user)
    report.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        report.save(force_insert=True)


def test_the_client_tells_of_a_change_on_its_page(in_force, client_user, stranger, officer):
    application = in_force.application
    address = f"/steps/application/{application.pk}/tell_change/"
    given = {"changed": ["headcount", "sites"], "description": WORDS}
    client = signed_in(client_user)
    assert address in client.get(portal_url(application)).content.decode()
    assert client.put(address).status_code == 405
    assert signed_in(stranger).post(address, given).status_code == 404
    assert signed_in(officer).post(address, given).status_code == 403
    refused = client.post(address, {"description": WORDS})
    assert (refused.status_code, WORDS in refused.content.decode()) == (422, True)
    assert client.post(address, given).status_code == 302
    assert client.post(address, given).status_code == 409
    assert application.reported_changes.get().about == ["headcount", "sites"]
    for page in (portal_url(application), "/portal/"):
        assert "You told us of a change on" in client.get(page).content.decode(), page


def test_the_change_is_taken_up_on_the_desk(in_force, client_user, stranger, auditor, officer):
    application = in_force.application
    report = told(application, client_user)
    address = f"/steps/application/{application.pk}/take_up_change/"
    given = {"report": report.pk}
    assert WORDS in signed_in(officer).get(desk_url(application)).content.decode()
    post = partial(signed_in(officer).post, address)
    assert WORDS in signed_in(officer).get(address).content.decode()
    assert signed_in(officer).put(address).status_code == 405
    assert signed_in(stranger).post(address, given).status_code == 404
    assert signed_in(auditor).post(address, given).status_code == 404
    assert signed_in(client_user).post(address, given).status_code == 403
    assert post({"description": WORDS}).status_code == 422
    assert post(given).status_code == 302
    assert post(given).status_code == 409
    page = signed_in(client_user).get(portal_url(application)).content.decode()
    assert "Open for your change since" in page
    assert "open for your change" in page
    assert "we have questions for you" not in page
    assert "open for a change of the client" in signed_in(officer).get(desk_url(application)).content.decode()


def test_a_call_is_written_down_on_the_desk(in_force, reviewer):
    address = f"/steps/application/{in_force.application_id}/take_up_change/"
    browser = signed_in(reviewer)
    given = {"changed": ["scope"], "description": WORDS, "said_by": "李娜，电话"}
    refused = browser.post(address, given | {"said_by": ""})
    assert (refused.status_code, WORDS in refused.content.decode()) == (422, True)
    assert browser.post(address, given).status_code == 302
    assert in_force.application.reported_changes.get().about == ["scope"]


def test_the_change_is_declined_on_the_desk(in_force, client_user, stranger, auditor, officer):
    application = in_force.application
    told(application, client_user)
    address = f"/steps/application/{application.pk}/decline_change/"
    given = {"reason": "合同不受影响"}
    browser = signed_in(officer)
    assert address in browser.get(desk_url(application)).content.decode()
    assert browser.put(address).status_code == 405
    assert signed_in(stranger).post(address, given).status_code == 404
    assert signed_in(auditor).post(address, given).status_code == 404
    assert signed_in(client_user).post(address, given).status_code == 403
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert browser.post(address, given).status_code == 302
    assert browser.post(address, given).status_code == 409
