"""The staff's pages of applications and contracts, and the client's page of a contract."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.catalogue.review_items import KEYS, items_of
from applications.jobs import print_contract
from applications.models import Verdict
from applications.states import ApplicationState
from applications.transitions import ANSWER, ASK, OFFER, RESUBMIT, REVIEW_ITEM, SAVE
from certbody import clock
from certbody.accounts.roles import Role
from certbody.files.storage import read
from certbody.outbox.models import Job
from certbody.outbox.sweeper import sweep
from certbody.pdf.read import text_of
from certbody.workflow import NotReady, perform
from tests.applications.conftest import signed_in
from tests.road.applications import (
    accepted_application,
    accepted_contract,
    begun_application,
    drafted_contract,
    offered_contract,
    picture,
    review_all,
    submitted_application,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def url(application, name, *more):
    return reverse(f"applications:{name}", args=[application.case.reference, *more])


def contract_url(contract, name="desk_contract"):
    return reverse(f"applications:{name}", args=[contract.number])


@pytest.mark.parametrize("name", ["desk_list", "desk_contracts"])
def test_lists_are_for_people_of_the_body(client_user, reviewer, client, name):
    address = reverse(f"applications:{name}")
    assert signed_in(reviewer).get(address).status_code == 200
    assert signed_in(reviewer).post(address).status_code == 405
    assert signed_in(client_user).get(address).status_code == 404
    assert client.get(address)["Location"].startswith("/accounts/login/")


def test_the_list_of_applications_shows_state_and_organisation_and_filters(client_user, stranger, reviewer):
    submitted = submitted_application(client_user)
    draft = begun_application(stranger)
    browser = signed_in(reviewer)
    everything = browser.get(reverse("applications:desk_list")).content.decode()
    assert submitted.case.organisation.name in everything
    assert draft.case.organisation.name in everything
    some = browser.get(reverse("applications:desk_list"), {"state": "submitted"}).content.decode()
    assert submitted.case.reference in some
    assert draft.case.reference not in some


def test_an_auditor_without_appointment_sees_no_application(client_user, auditor):
    application = submitted_application(client_user)
    browser = signed_in(auditor)
    assert application.case.reference not in browser.get(reverse("applications:desk_list")).content.decode()
    assert browser.get(url(application, "desk")).status_code == 404


@pytest.mark.parametrize(("name", "number"), [("desk_list", 13), ("desk_contracts", 13)])
def test_lists_ask_the_same_number_of_queries_for_one_and_for_three(officer, reviewer, name, number):
    browser = signed_in(officer)
    address = reverse(f"applications:{name}")
    asked = []
    for more in (1, 2):
        for _number in range(more):
            drafted_contract(accepted_application(make_user(), reviewer), officer)
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        asked.append(len(queries))
    assert asked == [number] * 2


def test_the_page_of_an_application_shows_facts_documents_and_items(client_user, reviewer):
    application = submitted_application(client_user)
    text = signed_in(reviewer).get(url(application, "desk")).content.decode()
    assert application.scope in text
    assert application.documents.first().file.get_absolute_url() in text
    items = items_of(application)
    assert all(f'id="item-{item.key}"' in text for item in items)
    assert text.count("Record the item") == len(items)


def test_only_a_reviewer_gets_the_forms_of_the_items(client_user, officer):
    application = submitted_application(client_user)
    assert "Record the item" not in signed_in(officer).get(url(application, "desk")).content.decode()


def test_who_may_not_review_is_told_so_before_the_form_is_looked_at(client_user, officer):
    application = submitted_application(client_user)
    answer = signed_in(officer).post(url(application, "desk_item", "public_credit"), {})
    assert answer.status_code == 403
    assert "application reviewer" in answer.content.decode()


def test_an_item_is_recorded_with_its_day_and_picture(client_user, reviewer):
    application = submitted_application(client_user)
    given = {
        "public_credit-verdict": "fulfilled",
        "public_credit-checked_on": clock.today().isoformat(),
        "public_credit-credit_china": "clean",
        "public_credit-enterprise_credit": "clean",
        "public_credit-file": picture("credit.png"),
    }
    answer = signed_in(reviewer).post(url(application, "desk_item", "public_credit"), given)
    assert answer["Location"] == f"{url(application, 'desk')}#item-not_blocked"  # the next one to be judged
    row = application.review_items.get()
    assert (row.verdict, row.checked_on, row.person) == ("fulfilled", clock.today(), reviewer.person)
    assert (row.file.name, row.file.audience) == ("credit.png", "staff")


@pytest.mark.parametrize(
    ("key", "given", "sentence"),
    [
        ("means", {"verdict": "open"}, "Please say what is open, why not, or why it does not apply."),
        ("public_credit", {"verdict": "fulfilled"}, "Please record the day of this check."),
        ("means", {}, "This field is required."),
    ],
)
def test_an_item_recorded_in_part_says_what_is_missing_and_keeps_the_rest(
    client_user, reviewer, key, given, sentence
):
    application = submitted_application(client_user)
    values = {f"{key}-{name}": value for name, value in given.items()}
    answer = signed_in(reviewer).post(url(application, "desk_item", key), values)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not application.review_items.exists()


def test_only_the_next_item_lies_open_on_the_reviewer_s_page(client_user, reviewer):
    application = submitted_application(client_user)
    page = signed_in(reviewer).get(url(application, "desk")).content.decode()
    assert page.count("<details open>") == 1
    first = page.index("<details open>")
    perform(REVIEW_ITEM, application, actor=reviewer, key=KEYS[0], verdict=Verdict.FULFILLED)
    page = signed_in(reviewer).get(url(application, "desk")).content.decode()
    assert page.count("<details open>") == 1
    assert page.index("<details open>") > first


def test_a_check_cannot_have_been_made_tomorrow(client_user, reviewer):
    application = submitted_application(client_user)
    day = clock.today() + timedelta(days=1)
    given = {"public_credit-verdict": "fulfilled", "public_credit-checked_on": day.isoformat()}
    assert signed_in(reviewer).post(url(application, "desk_item", "public_credit"), given).status_code == 422


def test_recording_an_item_again_replaces_it_and_the_trail_keeps_both(client_user, reviewer):
    application = submitted_application(client_user)
    browser = signed_in(reviewer)
    address = url(application, "desk_item", "means")
    browser.post(address, {"means-verdict": "open", "means-note": "何时开门？"})
    browser.post(address, {"means-verdict": "fulfilled"})
    assert application.review_items.get().verdict == Verdict.FULFILLED
    verdicts = [
        event.data["verdict"] for event in application.case.events.filter(name="application.item_reviewed")
    ]
    assert verdicts == ["open", "fulfilled"]


def test_an_item_is_recorded_by_a_reviewer_and_by_post_only(client_user, reviewer, officer, stranger):
    application = submitted_application(client_user)
    address = url(application, "desk_item", "means")
    assert signed_in(reviewer).get(address).status_code == 405
    assert signed_in(officer).post(address, {"means-verdict": "fulfilled"}).status_code == 403
    assert signed_in(stranger).post(address, {"means-verdict": "fulfilled"}).status_code == 404
    assert signed_in(reviewer).post(url(application, "desk_item", "gossip"), {}).status_code == 404
    assert not application.review_items.exists()


def test_items_of_an_accepted_application_stand_still(client_user, reviewer):
    application = accepted_application(client_user, reviewer)
    answer = signed_in(reviewer).post(url(application, "desk_item", "means"), {"means-verdict": "fulfilled"})
    assert answer.status_code == 409


def test_open_items_become_questions_and_unchanged_findings_are_kept(client_user, reviewer):
    application = submitted_application(client_user)
    review_all(application, reviewer)
    perform(REVIEW_ITEM, application, actor=reviewer, key="means", verdict=Verdict.OPEN, note="何时开门？")
    browser = signed_in(reviewer)
    address = f"/steps/application/{application.pk}/ask/"
    assert "何时开门？" in browser.get(address).content.decode()
    given = {
        "text_means": "仓库何时开门？",
        "section_means": "sites",
        "reason_means": "missing",
        "text": "",
        "section": "",
    }
    assert browser.post(address, given).status_code == 302
    question = application.questions.get()
    assert (question.item, question.section, question.text) == ("means", "sites", "仓库何时开门？")
    assert question.reason == "missing"
    perform(ANSWER, application, actor=client_user, question=question.pk, answer="每天八点")
    perform(SAVE, application, actor=client_user, section="prerequisites", values={"note": "见附件"})
    perform(RESUBMIT, application, actor=client_user)
    application.refresh_from_db()
    kept = set(application.review_items.filter(revision=2).values_list("key", flat=True))
    # "means" was asked about, the others rest on the changed prerequisites
    assert kept == set(KEYS) - {
        "means", "information", "understanding", "public_credit", "not_blocked", "running_time", "impartiality",
    }  # fmt: skip


def test_asking_nothing_is_refused(client_user, reviewer):
    application = submitted_application(client_user)
    address = f"/steps/application/{application.pk}/ask/"
    answer = signed_in(reviewer).post(address, {"text": "", "section": "scope"})
    assert answer.status_code == 422
    assert "write at least one question" in answer.content.decode()
    with pytest.raises(NotReady):
        perform(ASK, application, actor=reviewer, questions=[])


def test_the_reviewer_accepts_on_the_page(client_user, reviewer):
    application = submitted_application(client_user)
    review_all(application, reviewer)
    address = f"/steps/application/{application.pk}/accept/"
    browser = signed_in(reviewer)
    assert browser.post(address)["Location"] == url(application, "desk")
    application.refresh_from_db()
    assert application.state == ApplicationState.ACCEPTED
    assert browser.post(address).status_code == 409


def test_declining_needs_a_reason(client_user, reviewer):
    application = submitted_application(client_user)
    address = f"/steps/application/{application.pk}/decline/"
    browser = signed_in(reviewer)
    assert browser.post(address, {"code": "not_eligible", "reason": ""}).status_code == 422
    assert browser.post(address, {"code": "", "reason": "不是独立法人"}).status_code == 422
    assert browser.post(address, {"code": "not_eligible", "reason": "不是独立法人"}).status_code == 302
    application.refresh_from_db()
    assert application.closing_reason == "不是独立法人"


def test_the_quote_is_made_with_one_press_and_once(client_user, officer):
    application = accepted_application(client_user)
    browser = signed_in(officer)
    assert "Make the quote" in browser.get(url(application, "desk")).content.decode()
    answer = browser.post(url(application, "desk_quote"))
    contract = application.contracts.get()
    assert answer["Location"] == contract_url(contract)
    again = browser.post(url(application, "desk_quote"))
    assert again.status_code == 409
    assert "There is a quote for this application already." in again.content.decode()
    assert application.contracts.count() == 1


def test_the_quote_is_made_by_the_contract_officer_and_by_post_only(client_user, stranger, reviewer, officer):
    application = accepted_application(client_user)
    address = url(application, "desk_quote")
    assert signed_in(officer).get(address).status_code == 405
    assert signed_in(reviewer).post(address).status_code == 403
    assert signed_in(stranger).post(address).status_code == 404
    assert signed_in(client_user).post(address).status_code == 404
    assert not application.contracts.exists()


def test_the_arithmetic_is_printed_line_by_line(client_user, officer):
    contract = drafted_contract(accepted_application(client_user), officer)
    text = signed_in(officer).get(contract_url(contract)).content.decode()
    assert "Planning and documents: 40 people, row 26–45 of the table: 1" in text
    assert "On site, head office and sites together: 40 people, row 26–45 of the table: 5" in text
    assert "Sum 6, rounded up to half days: 6" in text
    assert "CNY 23,000.00" in text


def test_a_draft_of_a_quote_is_no_business_of_the_client(client_user, officer):
    contract = drafted_contract(accepted_application(client_user), officer)
    browser = signed_in(client_user)
    assert browser.get(contract_url(contract, "contract")).status_code == 404
    assert contract.number not in browser.get(f"/portal/cases/{contract.case.reference}/").content.decode()


@pytest.mark.parametrize("name", ["contract", "desk_contract"])
def test_contract_pages_are_for_those_concerned(client_user, stranger, officer, auditor, client, name):
    contract = offered_contract(accepted_application(client_user), officer)
    address = contract_url(contract, name)
    reader = client_user if name == "contract" else officer
    assert signed_in(reader).get(address).status_code == 200
    assert signed_in(reader).post(address).status_code == 405
    assert signed_in(stranger).get(address).status_code == 404
    assert client.get(address).status_code == 302
    if name == "desk_contract":
        assert signed_in(auditor).get(address).status_code == 404
        assert signed_in(client_user).get(address).status_code == 404


def test_an_adjustment_is_given_in_half_days_with_its_reason(client_user, officer):
    contract = drafted_contract(accepted_application(client_user), officer)
    address = f"/steps/contract/{contract.pk}/revise/"
    browser = signed_in(officer)
    assert browser.post(address, {"adjustment": "0.3", "code": "trade", "reason": "x"}).status_code == 422
    assert browser.post(address, {"adjustment": "1", "code": "trade", "reason": ""}).status_code == 422
    assert browser.post(address, {"adjustment": "1", "code": "", "reason": "x"}).status_code == 422
    given = {"adjustment": "1.5", "code": "complexity", "reason": "三类商品"}
    assert browser.post(address, given).status_code == 302
    text = browser.get(contract_url(contract)).content.decode()
    assert "Adjustment +1.50 (complexity of the service: 三类商品): 7.5" in text


def test_the_offer_becomes_a_document_and_only_then_the_client_is_told(client_user, officer):
    contract = drafted_contract(accepted_application(client_user), officer)
    perform(OFFER, contract, actor=officer)
    page = signed_in(client_user).get(contract_url(contract, "contract")).content.decode()
    assert "The document is being printed" in page
    sweep()
    contract.refresh_from_db()
    assert read(contract.pdf).startswith(b"%PDF-")
    assert contract.pdf.sha256 == contract.pdf_sha256
    job = Job.objects.get(kind="contract.pdf")
    assert job.state == "done"
    print_contract(job)
    assert contract.case.files.filter(kind="contract").count() == 1


def test_the_printed_contract_says_what_was_quoted_in_both_languages(client_user, officer):
    contract = drafted_contract(accepted_application(client_user), officer)
    perform(OFFER, contract, actor=officer)
    sweep()
    contract.refresh_from_db()
    squeezed = "".join(text_of(read(contract.pdf)).split())
    for fact in (
        contract.number,
        contract.case.organisation.name,
        contract.case.organisation.name_en,
        contract.application.scope,
        contract.application.scope_en,
        "23,000.00",
        contract.valid_until.isoformat(),
    ):
        assert "".join(fact.split()) in squeezed


def test_home_and_case_pages_lead_to_the_work(client_user, reviewer, officer):
    contract = accepted_contract(client_user, reviewer, officer)
    reference = contract.case.reference
    assert contract.number in signed_in(client_user).get(f"/portal/cases/{reference}/").content.decode()
    assert contract.number in signed_in(officer).get(f"/desk/cases/{reference}/").content.decode()
    assert "Applications in review" in signed_in(reviewer).get("/desk/").content.decode()
    portal = signed_in(client_user).get("/portal/").content.decode()
    assert "Apply for certification" not in portal
    assert f"case {reference} is under way" in portal


def test_an_inspector_reads_and_moves_nothing(client_user, officer):
    inspector = make_user(Role.INSPECTOR)
    contract = offered_contract(accepted_application(client_user), officer)
    browser = signed_in(inspector)
    assert browser.get(contract_url(contract)).status_code == 200
    assert browser.post(f"/steps/contract/{contract.pk}/void/", {"reason": "x"}).status_code == 403
