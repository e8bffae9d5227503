"""The client's pages: sections saved while typing, sites, documents, checking and submitting."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.catalogue.kinds import ASKED
from applications.catalogue.sections import Section
from applications.models import Site
from applications.states import ApplicationKind, ApplicationState
from applications.transitions import ASK, SAVE
from certbody.body.settings_catalogue import setting
from certbody.trail.models import Event
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import (
    application_values,
    begun_application,
    complete_application,
    make_organisation,
    submitted_application,
)

pytestmark = pytest.mark.django_db
AUTOSAVE = {"X-Autosave": "1"}
QUERIES_OF_A_SECTION = 19
SECTIONS = list(ASKED[ApplicationKind.INITIAL].sections)


def url(application, name, *more):
    return reverse(f"applications:{name}", args=[application.case.reference, *more])


def saves() -> int:
    return Event.objects.filter(name="application.saved").count()


@pytest.fixture
def draft(client_user):
    return begun_application(client_user)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_has_its_own_address(client_user, draft, section):
    assert signed_in(client_user).get(url(draft, "section", section)).status_code == 200


def test_the_page_is_the_body_s_and_says_how_far_one_is(client_user, draft):
    text = signed_in(client_user).get(url(draft, "section", "scope")).text
    head = text.partition('<header class="cb-header">')[2].partition("</header>")[0]
    assert draft.case.organisation.name not in head
    assert str(setting("body_name_en")) in head
    assert f"Section 2 of {len(SECTIONS)}: {Section.SCOPE.label}" in text


def test_looking_at_a_page_writes_nothing(client_user, draft):
    before = Event.objects.count()
    browser = signed_in(client_user)
    for section in SECTIONS:
        browser.get(url(draft, "section", section))
    browser.get(url(draft, "check"))
    assert Event.objects.count() == before


def test_what_is_typed_is_saved_and_the_missing_list_shrinks(client_user, draft):
    answer = signed_in(client_user).post(
        url(draft, "section", "scope"),
        {"scope": "家用电器销售", "scope_en": "", "goods": ""},
        headers=AUTOSAVE,
    )
    draft.refresh_from_db()
    text = answer.content.decode()
    assert draft.scope == "家用电器销售"
    assert "The scope in Chinese is missing." not in text
    assert "The scope in English is missing." in text
    assert 'id="gaps" hx-swap-oob="true"' in text


def test_the_trail_names_the_changed_fields_and_not_what_was_typed(client_user, draft):
    signed_in(client_user).post(
        url(draft, "section", "prerequisites"), {"person_in_charge": "陈晨"}, headers=AUTOSAVE
    )
    event = Event.objects.get(name="application.saved")
    assert event.data == {"section": "prerequisites", "fields": ["person_in_charge"]}


def test_a_fault_is_named_at_its_field_and_the_valid_rest_is_saved(client_user, draft):
    answer = signed_in(client_user).post(
        url(draft, "section", "organisation"),
        {"headcount": "50", "service_management_headcount": "many", "managers_trained": "2"},
        headers=AUTOSAVE,
    )
    draft.refresh_from_db()
    assert (draft.headcount, draft.managers_trained) == (50, 2)
    assert draft.service_management_headcount == 6
    text = answer.content.decode()
    assert '<div id="fault-service_management_headcount"' in text
    assert "Enter a whole number." in text


def test_without_javascript_a_fault_keeps_everything_typed(client_user, draft):
    answer = signed_in(client_user).post(
        url(draft, "section", "organisation"),
        {"headcount": "5", "service_management_headcount": "6", "managers_trained": "1"},
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "This is more than the whole headcount." in text
    assert 'value="6"' in text
    draft.refresh_from_db()
    assert (draft.headcount, draft.service_management_headcount) == (40, 6)


def test_a_headcount_below_its_part_is_held_back_while_the_part_is_at_fault(client_user, draft):
    given = {"headcount": "5", "service_management_headcount": "many", "managers_trained": "3"}
    answer = signed_in(client_user).post(url(draft, "section", "organisation"), given, headers=AUTOSAVE)
    assert answer.status_code == 200
    draft.refresh_from_db()
    assert (draft.headcount, draft.managers_trained) == (40, 3)


def test_without_javascript_saving_leads_to_the_next_section(client_user, draft):
    values = {name: application_values()[name] for name in ("scope", "scope_en", "goods")}
    answer = signed_in(client_user).post(url(draft, "section", "scope"), values)
    assert answer["Location"] == url(draft, "section", "sites")


def test_posting_the_same_again_saves_once(client_user, draft):
    browser = signed_in(client_user)
    for _time in range(2):
        browser.post(url(draft, "section", "scope"), {"scope": "家电"}, headers=AUTOSAVE)
    assert saves() == 1


def test_a_warning_about_service_managers_stands_on_the_page(client_user):
    application = complete_application(
        client_user, headcount=100, service_management_headcount=21, managers_trained=2
    )
    text = signed_in(client_user).get(url(application, "section", "organisation")).content.decode()
    assert "3 trained after-sales service managers are needed" in text


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("overview", ()),
        ("check", ()),
        ("questions", ()),
        ("section", ("scope",)),
        ("section", ("sites",)),
        ("site_new", ()),
        ("document", ("permits",)),
    ],
)
def test_another_client_and_nobody_learn_nothing(client_user, stranger, client, draft, name, more):
    make_organisation(stranger)
    address = url(draft, name, *more)
    assert signed_in(stranger).get(address).status_code == 404
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("name", "more"),
    [("section", ("scope",)), ("section", ("exclusions",)), ("site_new", ()), ("document", ("permits",))],
)
def test_another_client_writes_nothing(client_user, stranger, draft, name, more):
    assert signed_in(stranger).post(url(draft, name, *more), {"scope": "x"}).status_code == 404


@pytest.mark.parametrize("name", ["overview", "check"])
def test_pages_to_read_take_no_post(client_user, draft, name):
    assert signed_in(client_user).post(url(draft, name)).status_code == 405


@pytest.mark.parametrize("section", ["sites", "documents"])
def test_lists_of_rows_take_no_post(client_user, draft, section):
    assert signed_in(client_user).post(url(draft, "section", section)).status_code == 405


def test_a_section_takes_no_delete(client_user, draft):
    assert signed_in(client_user).delete(url(draft, "section", "scope")).status_code == 405


def test_an_unknown_section_does_not_exist(client_user, draft):
    assert signed_in(client_user).get(url(draft, "section", "gossip")).status_code == 404


def test_staff_are_sent_to_their_desk(reviewer, draft):
    assert signed_in(reviewer).get(url(draft, "section", "scope"))["Location"] == "/desk/"


@pytest.mark.parametrize("section", SECTIONS)
def test_after_the_submission_a_section_leads_to_the_copy_to_read(client_user, section):
    application = submitted_application(client_user)
    answer = signed_in(client_user).get(url(application, "section", section))
    assert answer["Location"] == url(application, "check")


def test_after_the_submission_nothing_is_saved(client_user):
    application = submitted_application(client_user)
    answer = signed_in(client_user).post(url(application, "section", "scope"), {"scope": "别的"})
    assert answer.status_code == 409
    application.refresh_from_db()
    assert application.scope != "别的"


def test_exclusions_are_proposed_with_a_reason_and_taken_back(client_user, draft):
    perform(SAVE, draft, actor=client_user, section="scope", values={"goods": "tangible"})
    browser = signed_in(client_user)
    address = url(draft, "section", "exclusions")
    assert "5.2.6.1" in browser.get(address).content.decode()
    assert browser.post(address, {"clause_5_2_6_1": "本行业无回收"}).status_code == 302
    assert draft.exclusions.get().reason == "本行业无回收"
    browser.post(address, {"clause_5_2_6_1": ""}, headers=AUTOSAVE)
    assert not draft.exclusions.exists()


def test_clauses_that_may_not_be_left_out_are_not_offered_and_not_taken(client_user, draft):
    perform(SAVE, draft, actor=client_user, section="scope", values={"goods": "tangible"})
    browser = signed_in(client_user)
    address = url(draft, "section", "exclusions")
    assert "5.1.1.1" not in browser.get(address).content.decode()
    browser.post(address, {"clause_5_1_1_1": "没有"})
    assert not draft.exclusions.exists()


def test_the_page_that_checks_shows_answers_and_what_is_missing(client_user, draft):
    text = signed_in(client_user).get(url(draft, "check")).content.decode()
    assert draft.case.organisation.credit_code in text
    assert "things are missing before you can submit" in text
    assert f'/steps/application/{draft.pk}/submit/"' not in text


def test_submitting_from_the_page(client_user):
    application = complete_application(client_user)
    browser = signed_in(client_user)
    page = browser.get(url(application, "check")).content.decode()
    assert f'href="/steps/application/{application.pk}/submit/"' in page
    answer = browser.post(f"/steps/application/{application.pk}/submit/")
    assert answer["Location"] == url(application, "overview")
    application.refresh_from_db()
    assert (application.state, application.submitted_by) == (ApplicationState.SUBMITTED, client_user)
    again = browser.post(f"/steps/application/{application.pk}/submit/")
    assert again.status_code == 409


def test_an_incomplete_application_is_not_submitted_and_says_why(client_user, draft):
    answer = signed_in(client_user).post(f"/steps/application/{draft.pk}/submit/")
    assert answer.status_code == 409
    assert "The scope in Chinese is missing." in answer.content.decode()


def test_questions_are_answered_while_typing_and_sent_back(client_user, reviewer):
    application = submitted_application(client_user)
    browser = signed_in(client_user)
    assert browser.get(url(application, "questions"))["Location"] == url(application, "check")
    perform(ASK, application, actor=reviewer, questions=[{"section": "scope", "text": "是否包括网上销售？"}])
    question = application.questions.get()
    assert "是否包括网上销售？" in browser.get(url(application, "questions")).content.decode()
    field = f"answer_{question.pk}"
    assert browser.post(url(application, "questions"), {field: "包括"}, headers=AUTOSAVE).status_code == 200
    question.refresh_from_db()
    assert question.answer == "包括"
    assert browser.post(f"/steps/application/{application.pk}/resubmit/").status_code == 302
    application.refresh_from_db()
    assert (application.state, application.revision) == (ApplicationState.SUBMITTED, 2)
    assert browser.post(url(application, "questions"), {field: "不"}).status_code == 302
    question.refresh_from_db()
    assert question.answer == "包括"


def test_pages_of_many_sites_ask_no_more_than_pages_of_one(client_user, draft):
    browser = signed_in(client_user)
    address = url(draft, "section", "sites")
    asked = []
    for count in (1, 3):
        while draft.sites.count() < count:
            Site.objects.create(application=draft, name="网点", address="深圳")
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            browser.get(address)
        asked.append(len(queries))
    assert asked == [QUERIES_OF_A_SECTION] * 2
