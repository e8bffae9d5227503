"""What the reviewer is warned of, and the time axis of interests."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.catalogue.sections import desk_url
from applications.models import Application
from applications.queries.concerns import concerns_about, interests_in
from applications.transitions import DECLINE, SUBMIT
from certbody import clock
from certbody.accounts.models import Interest
from certbody.accounts.roles import Role
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import begun_application, complete, make_organisation, submitted_application
from tests.road.audits import qualify
from tests.road.people import make_person, make_user

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_SCREEN = 44


def application_of(legal_representative, client=None):
    client = client or make_user()
    organisation = make_organisation(client, legal_representative=legal_representative)
    return complete(begun_application(client, organisation), client)


def sentences(application):
    return [one.sentence for one in concerns_about(application, interests_in(application))]


def interest(application, person, since, until=None):
    return Interest.objects.create(
        person=person,
        organisation=application.case.organisation,
        kind="consulted",
        since=since,
        until=until,
    )


def test_nothing_is_said_about_an_applicant_of_whom_nothing_is_known():
    assert sentences(application_of("欧阳清")) == []


def test_a_declined_application_of_a_namesake_is_named_with_reason_and_case(reviewer):
    client = make_user()
    begun = application_of("欧阳清", client)
    earlier = perform(SUBMIT, begun, actor=client)
    perform(DECLINE, earlier, actor=reviewer, code="other", reason="资料不实")
    (warning,) = concerns_about(application_of("欧阳清"), [])
    assert earlier.case.reference in warning.sentence
    assert "资料不实" in warning.sentence
    assert warning.link == desk_url(earlier)
    assert sentences(application_of("司马光")) == []


def test_who_pays_and_who_helped_is_said_and_whom_the_helper_also_consults():
    mine, other = application_of("欧阳清"), application_of("司马光")
    Application.objects.filter(pk=other.pk).update(agent_kind="consultant", agent_name="恒信咨询")
    Application.objects.filter(pk=mine.pk).update(
        agent_kind="agent", agent_name="恒信咨询", pays_fees_itself=False
    )
    mine.refresh_from_db()
    payer, helper, elsewhere = concerns_about(mine, [])
    assert "does not pay the fees itself" in payer.sentence
    assert helper.sentence == "Who helped with the application: 恒信咨询 (an agent)."
    assert other.case.organisation.name in elsewhere.sentence
    assert elsewhere.link == desk_url(other)


def test_an_interest_bars_while_it_lasts_and_two_years_after():
    application, today = application_of("欧阳清"), clock.today()
    lasting, recent, old = (make_user(Role.AUDITOR).person for _number in range(3))
    interest(application, lasting, today - timedelta(days=100))
    interest(application, recent, today - timedelta(days=900), today - timedelta(days=700))
    interest(application, old, today - timedelta(days=2000), today - timedelta(days=800))
    interest(application, make_person(), today)  # nobody of the body
    bars = {bar.name: bar for bar in interests_in(application)}
    assert {name: bar.bars for name, bar in bars.items()} == {
        lasting.name: True,
        recent.name: True,
        old.name: False,
    }
    said = " ".join(sentences(application))
    assert lasting.name in said
    assert recent.name in said
    assert old.name not in said


def test_the_axis_runs_from_the_first_interest_to_the_end_of_the_last_window():
    application = application_of("欧阳清")
    with clock.at(date(2026, 1, 1)):
        interest(application, make_user(Role.AUDITOR).person, date(2022, 1, 1), date(2024, 1, 1))
        (bar,) = interests_in(application)
    assert (bar.offset, bar.width) == ("0.0", "49.9")
    assert (bar.window_offset, bar.window_width, bar.today) == ("49.9", "50.0", "100.0")
    assert bar.bars_until == date(2026, 1, 1)
    assert not bar.bars


def test_the_page_draws_interests_and_links_warnings(client_user, reviewer):
    application = submitted_application(client_user)
    barred = make_user(Role.AUDITOR, name="赵有关").person
    interest(application, barred, clock.today() - timedelta(days=30))
    page = signed_in(reviewer).get(desk_url(application)).content.decode()
    assert 'href="#impartiality"' in page
    assert "barred as long as it lasts" in page
    assert page.count('class="cb-interest-held"') == 1


def test_interests_of_colleagues_are_shown_to_those_who_judge_only(client_user, officer):
    application = submitted_application(client_user)
    interest(application, make_user(Role.AUDITOR, name="赵有关").person, clock.today())
    seen = {
        role: "赵有关" in signed_in(user).get(desk_url(application)).content.decode()
        for role, user in (("contracts", officer), ("quality", make_user(Role.QUALITY)))
    }
    assert seen == {"contracts": False, "quality": True}


def test_what_speaks_against_an_applicant_is_not_asked_once_the_review_is_over(client_user, reviewer):
    application = submitted_application(client_user)
    perform(DECLINE, application, actor=reviewer, reason="资料不实")
    page = signed_in(reviewer).get(desk_url(application)).content.decode()
    assert "Can we do it?" not in page


def test_the_screen_asks_the_same_number_of_queries_for_one_and_for_three(client_user, reviewer):
    application = submitted_application(client_user)
    browser, asked = signed_in(reviewer), []
    for more in (1, 2):
        for _number in range(more):
            barred = make_user(Role.AUDITOR)
            qualify(barred, "lead")
            interest(application, barred.person, clock.today())
            earlier = submitted_application(make_user())
            perform(DECLINE, earlier, actor=reviewer, reason="资料不实")
        browser.get(desk_url(application))
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(desk_url(application)).status_code == 200
        asked.append(len(queries))
    assert asked == [QUERIES_OF_THE_SCREEN, QUERIES_OF_THE_SCREEN]
