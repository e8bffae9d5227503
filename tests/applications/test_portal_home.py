"""The home of a client: one card an open case, whose turn it is, days used, the next step as one button."""

from datetime import date, timedelta

import pytest
from django.test import Client

from applications.transitions import ASK, WITHDRAW
from certbody import clock
from certbody.accounts.models import Membership, User
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import (
    accepted_application,
    begun_application,
    make_organisation,
    submitted_application,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
MONDAY = date(2027, 3, 1)


def home(user: User) -> str:
    return str(signed_in(user).get("/portal/").content.decode())


def test_a_draft_is_the_client_s_turn_with_one_button(client_user):
    with clock.at(MONDAY):
        application = begun_application(client_user)
    with clock.at(MONDAY + timedelta(days=4)):
        page = home(client_user)
    assert "your turn" in page
    assert page.count('class="btn btn-primary"') == 1
    assert f'href="/portal/applications/{application.case.reference}/check/">Complete and submit' in page
    assert '<dt>Days used by us</dt><dd class="cb-figures">0</dd>' in page
    assert '<dt>Days used by you</dt><dd class="cb-figures">4</dd>' in page
    assert "public holidays are not taken out" in page


def test_a_submitted_application_shows_the_published_time_in_working_days(client_user, reviewer):
    with clock.at(MONDAY):
        submitted_application(client_user)
    with clock.at(MONDAY + timedelta(days=7)):
        page = home(client_user)
    assert "our turn" in page
    assert "Next step: ours." in page
    assert "Working day 5 of 10, to be done by" in page
    assert "2027-03-15" in page
    with clock.at(MONDAY + timedelta(days=20)):
        assert "Our published time of 10 working days was over" in home(client_user)


def test_questions_stop_our_clock_and_are_counted(client_user, reviewer):
    with clock.at(MONDAY):
        application = submitted_application(client_user)
    with clock.at(MONDAY + timedelta(days=2)):
        perform(
            ASK,
            application,
            actor=reviewer,
            questions=[
                {"section": "scope", "item": "", "text": "哪些产品？"},
                {"section": "sites", "item": "", "text": "几个网点？"},
            ],
        )
    with clock.at(MONDAY + timedelta(days=5)):
        page = home(client_user)
    assert "2 of our questions wait for your answers." in page
    assert "your turn" in page
    assert "Working day" not in page
    assert '<dt>Days used by us</dt><dd class="cb-figures">1</dd>' in page
    assert '<dt>Days used by you</dt><dd class="cb-figures">4</dd>' in page


def test_what_is_finished_stands_in_the_short_list_below(client_user):
    application = begun_application(client_user)
    perform(WITHDRAW, application, actor=client_user, reason="暂不申请")
    page = home(client_user)
    assert "Finished" in page
    assert f"/portal/cases/{application.case.reference}/" in page
    assert "cb-case-card" not in page


def test_an_accepted_application_names_no_work_of_the_staff_as_waited_for(client_user):
    application = accepted_application(client_user)
    page = signed_in(client_user).get(f"/portal/applications/{application.case.reference}/").content.decode()
    assert "cb-step-awaited" not in page
    assert "Judge a document" not in page


def test_somebody_of_two_organisations_sees_for_whom_each_card_is(client_user):
    make_organisation(client_user)  # without a case, so that the first card is not in the first group
    first, second = make_organisation(client_user), make_organisation(client_user)
    begun_application(client_user, first)
    begun_application(client_user, second)
    page = home(client_user)
    assert f'<h2 class="cb-group">{first.name}</h2>' in page
    assert page.index(f'<h2 class="cb-group">{first.name}') < page.index(
        f'<h2 class="cb-group">{second.name}'
    )
    assert page.count('class="btn btn-primary"') == 1
    alone = make_user()
    Membership.objects.create(organisation=first, person=alone.person, role="member")
    assert "cb-group" not in home(alone)


def test_an_invitation_waits_on_the_home_of_whoever_is_invited(client_user, stranger):
    from applications.services.members import invite

    organisation = make_organisation(client_user)
    invite(organisation=organisation, email=stranger.email, role="member", actor=client_user)
    assert "/accounts/invitation/" in home(stranger)
    assert "/accounts/invitation/" not in home(client_user)


@pytest.mark.parametrize("number", [1, 3])
def test_the_home_costs_the_same_for_one_open_case_and_three(client_user, number, django_assert_num_queries):
    for _case in range(number):
        begun_application(client_user, make_organisation(client_user))
    browser: Client = signed_in(client_user)
    browser.get("/home/")
    with django_assert_num_queries(28):
        assert browser.get("/portal/").content.decode().count("cb-case-card") == number


def test_the_heading_of_an_application_s_page_says_which_section_and_whose(client_user):
    application = begun_application(client_user)
    reference, name = application.case.reference, application.case.organisation.name
    browser = signed_in(client_user)
    for path, heading in (
        ("scope", "Scope and goods"),
        ("documents", "Documents"),
        ("check", "Check and submit"),
    ):
        page = browser.get(f"/portal/applications/{reference}/{path}/").content.decode()
        assert f"<h1>{heading} · {name} {reference}</h1>" in page
