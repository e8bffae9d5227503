"""One action on several rows: what will happen is shown first, each row is judged again when it happens."""

import pytest
from django.test import Client

from applications.lists.bulk_actions import NAME_OWNER
from applications.transitions import ANSWER, ASK, ASSIGN, RESUBMIT
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.outbox.models import Message
from certbody.trail.models import Event
from certbody.web.lists import actions
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import (
    accepted_application,
    make_organisation,
    offered_contract,
    submitted_application,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
REMIND = "/desk/lists/applications/remind/"
REMINDED = "application.client_reminded"


def asked_application(user: User, reviewer: User):
    application = submitted_application(user)
    return perform(
        ASK, application, actor=reviewer, questions=[{"section": "scope", "text": "仓库何时开门？"}]
    )


def reminders() -> list[str]:
    return list(Event.objects.filter(name=REMINDED).values_list("object_id", flat=True))


def test_the_confirm_page_says_what_will_happen_and_what_will_not_and_why(client_user, stranger, reviewer):
    asked, waiting = asked_application(client_user, reviewer), submitted_application(stranger)
    browser = signed_in(reviewer)
    page = browser.get(REMIND, {"rows": [asked.pk, waiting.pk], "back": "state=questions"}).text
    possible, refused = page.split("It will not be done for")
    assert asked.case.reference in possible
    assert waiting.case.reference in refused
    assert "It does not apply: the state is “submitted, in review”" in refused
    assert "Somebody may have been faster" not in refused
    assert 'href="/desk/applications/" aria-current="page"' in page, "the menu marks the list one came from"
    assert page.count('aria-current="page"') == 1
    assert 'href="/desk/applications/?state=questions"' in page
    assert reminders() == [], "looking changes nothing"


def test_each_row_gets_its_own_outcome_and_the_client_one_mail(client_user, stranger, reviewer):
    asked, waiting = asked_application(client_user, reviewer), submitted_application(stranger)
    answer = signed_in(reviewer).post(REMIND, {"rows": [asked.pk, waiting.pk]})
    assert answer.status_code == 200
    assert "Done for 1 of 2." in answer.text
    assert reminders() == [str(asked.pk)]
    mail = Message.objects.get(kind="application.reminded")
    assert mail.recipient == client_user.email
    event = Event.objects.get(name=REMINDED)
    assert event.data == {"revision": 1, "questions": [asked.questions.get().pk]}


def test_a_second_press_reminds_nobody_again_today(client_user, reviewer):
    asked = asked_application(client_user, reviewer)
    browser = signed_in(reviewer)
    browser.post(REMIND, {"rows": [asked.pk]})
    again = browser.post(REMIND, {"rows": [asked.pk]}).text
    assert "Done for 0 of 1." in again
    assert "The client was reminded today already" in again
    assert len(reminders()) == 1
    single = browser.post(f"/steps/application/{asked.pk}/remind/")
    assert single.status_code == 409, "the button on the page knows the same limit"


def test_what_changed_after_the_confirm_page_decides(client_user, reviewer):
    asked = asked_application(client_user, reviewer)
    browser = signed_in(reviewer)
    assert "It will be done for" in browser.get(REMIND, {"rows": [asked.pk]}).text
    question = asked.questions.get()
    perform(ANSWER, asked, actor=client_user, question=question.pk, answer="每天八点")
    perform(RESUBMIT, asked, actor=client_user)
    assert "Done for 0 of 1." in browser.post(REMIND, {"rows": [asked.pk]}).text
    assert reminders() == []


def test_a_role_that_ended_after_the_confirm_page_reminds_nobody(client_user, reviewer):
    asked = asked_application(client_user, reviewer)
    browser = signed_in(reviewer)
    assert browser.get(REMIND, {"rows": [asked.pk]}).status_code == 200
    reviewer.person.role_assignments.update(role=Role.PLANNER)
    assert browser.post(REMIND, {"rows": [asked.pk]}).status_code == 403
    assert reminders() == []


def test_rows_that_a_reader_may_not_know_of_are_as_if_they_were_not_there(client_user, reviewer):
    asked = asked_application(client_user, reviewer)
    both = make_user(Role.AUDITOR)
    browser = signed_in(both)
    assert browser.get(REMIND, {"rows": [asked.pk]}).status_code == 403
    rows = {"rows": [asked.pk, 999_999_999, "x", "-1", "9" * 40, "١"]}
    page = signed_in(reviewer).get(REMIND, rows).text
    assert "1 chosen row is no longer there." in page


def test_nothing_chosen_says_how_to_begin(reviewer):
    browser = signed_in(reviewer)
    assert "No row is chosen" in browser.get(REMIND).text
    answer = browser.post(REMIND, {"rows": ["0"]})
    assert answer.status_code == 422
    assert "No row is chosen" in answer.text


def test_actions_are_for_who_may_use_them_and_exist(client_user, reviewer, officer, client: Client):
    for address in (REMIND, "/desk/lists/contracts/remind/"):
        assert signed_in(client_user).get(address).status_code == 404
        assert client.get(address)["Location"].startswith("/accounts/login/")
    assert signed_in(officer).post(REMIND).status_code == 403
    assert signed_in(reviewer).get("/desk/lists/applications/delete/").status_code == 404
    assert signed_in(reviewer).get("/desk/lists/passwords/remind/").status_code == 404
    assert signed_in(reviewer).put(REMIND).status_code == 405


def test_only_who_can_act_gets_the_boxes(client_user, reviewer, officer):
    submitted_application(client_user)
    assert 'name="rows"' in signed_in(reviewer).get("/desk/applications/").text
    assert 'name="rows"' not in signed_in(officer).get("/desk/applications/").text


def test_the_way_back_leads_to_the_list_and_nowhere_else(reviewer):
    for back in ("https://evil.example/", "//evil.example", "a=1#x", "\r\nSet-Cookie: forged=1"):
        page = signed_in(reviewer).get(REMIND, {"back": back})
        assert page.context["back"].startswith("/desk/applications/?")
        assert "evil.example/" not in page.context["back"].partition("?")[0]
        assert "forged" not in str(page.cookies)


def test_the_client_is_reminded_of_an_open_offer_and_of_no_other(client_user, stranger, officer):
    offered = offered_contract(accepted_application(client_user), officer)
    expired = offered_contract(accepted_application(stranger), officer)
    type(expired).objects.filter(pk=expired.pk).update(valid_until="2020-01-01")
    answer = signed_in(officer).post("/desk/lists/contracts/remind/", {"rows": [offered.pk, expired.pk]})
    assert "Done for 1 of 2." in answer.text
    assert "The offer was open until 2020-01-01 and can no longer be accepted." in answer.text
    mail = Message.objects.get(kind="contract.reminded")
    assert mail.context["facts"]["number"] == offered.number


def test_applications_are_given_to_a_reviewer_and_one_that_he_has_already_is_left(
    client_user, stranger, reviewer
):
    first, second = submitted_application(client_user), submitted_application(stranger)
    colleague = make_user(Role.REVIEWER)
    perform(ASSIGN, first, actor=reviewer, person=colleague.person)
    browser = signed_in(reviewer)
    address = "/desk/lists/applications/assign/"
    chosen = {"rows": [first.pk, second.pk]}
    assert browser.post(address, chosen).status_code == 422, "nobody is named"
    assert browser.post(address, chosen | {"person": make_user().person_id}).status_code == 422
    answer = browser.post(address, chosen | {"person": colleague.person_id})
    assert "Done for 1 of 2." in answer.text
    assert "This person reviews the application already." in answer.text
    assert second.review_assignments.get(ended_at=None).person == colleague.person


def test_clients_get_somebody_who_looks_after_them(client_user, stranger, officer):
    first, second = make_organisation(client_user), make_organisation(stranger)
    colleague = make_user(Role.CONTRACTS)
    browser = signed_in(officer)
    address = "/desk/lists/organisations/owner/"
    chosen = {"rows": [first.pk, second.pk]}
    assert "It will be done for" in browser.get(address, chosen).text
    assert "Done for 2 of 2." in browser.post(address, chosen | {"person": colleague.person_id}).text
    for organisation in (first, second):
        organisation.refresh_from_db()
        assert organisation.customer_service_owner == colleague.person
    again = browser.post(address, chosen | {"person": colleague.person_id}).text
    assert "This person looks after the client already." in again
    assert Event.objects.filter(name="organisation.owner_named").count() == 2


def test_who_lost_the_office_between_two_rows_names_nobody_for_the_second(client_user, stranger, officer):
    first, second = make_organisation(client_user), make_organisation(stranger)
    person = make_user(Role.CONTRACTS).person
    outcomes = [
        actions.carried_out(NAME_OWNER, [first], officer, {"person": person}),
        officer.person.role_assignments.update(role=Role.PLANNER)
        and actions.carried_out(NAME_OWNER, [second], officer, {"person": person}),
    ]
    assert outcomes[0][0].refusal is None
    assert outcomes[1][0].refusal.code == "permission"
    second.refresh_from_db()
    assert second.customer_service_owner is None


def test_naming_is_for_those_who_may_name(client_user, auditor):
    organisation = make_organisation(client_user)
    address = "/desk/lists/organisations/owner/"
    planner = signed_in(make_user(Role.PLANNER))
    assert planner.get(address, {"rows": [organisation.pk]}).status_code == 403
    assert 'name="rows"' not in planner.get("/desk/organisations/").text
    assert signed_in(auditor).post(address, {"rows": [organisation.pk]}).status_code == 403
