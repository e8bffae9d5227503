"""The earliest audit: each link of the chain, and what contradicts it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.queries.contents import contents_of
from applications.queries.earliest import earliest_of, system_is_old_enough_on
from applications.transitions import ATTACH
from certbody import clock, facts
from certbody.scheme.dates import months_later
from certbody.scheme.working_days import working_day_after
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import begun_application, checked_picture, complete_application

MONDAY = date(2026, 11, 23)
some_day = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 1, 1))


def test_the_review_ends_on_the_day_that_the_client_s_card_names(draft):
    saturday = MONDAY - timedelta(days=2)
    with clock.at(saturday):
        reviewed = earliest_of(contents_of(draft)).links[1]
    assert reviewed.day == working_day_after(saturday, 10) == MONDAY + timedelta(days=11)


@given(some_day, st.integers(0, 12))
def test_the_first_day_of_an_old_enough_system_is_the_first_that_the_rule_accepts(since, months):
    day = system_is_old_enough_on(since, months)
    assert months_later(day, -months) >= since
    assert months_later(day - timedelta(days=1), -months) < since


@pytest.fixture
def draft(client_user):
    with clock.at(MONDAY):
        yield begun_application(client_user)


def chain(application) -> dict[str, date]:
    return {link.reason: link.day for link in earliest_of(contents_of(application)).links}


@pytest.mark.django_db
def test_from_today_on_each_period_of_the_settings_is_a_link(draft):
    assert chain(draft) == {
        "Today, if you submit": MONDAY,
        "We review the application": date(2026, 12, 7),
        "Quote, contract and your acceptance": date(2026, 12, 21),
        "Team and plan, then the first stage (documents)": date(2027, 1, 4),
        "Time to the visit (second stage)": date(2027, 1, 18),
    }


@pytest.mark.django_db
def test_a_young_service_system_moves_everything_on(draft):
    draft.system_running_since = MONDAY - timedelta(days=30)
    links = chain(draft)
    ready = months_later(draft.system_running_since, 3)
    assert links["The service system has run for 3 months, since 2026-10-24"] == ready
    assert links["We review the application"] == working_day_after(ready, 10)


@pytest.mark.django_db
def test_a_waiting_time_moves_everything_on(draft, monkeypatch):
    free = MONDAY + timedelta(days=100)
    monkeypatch.setitem(facts._answers, "blocked_until", [lambda **_about: free])
    links = chain(draft)
    assert links["The waiting time after the refusal or withdrawal is over"] == free
    assert links["We review the application"] == working_day_after(free, 10)


@pytest.mark.django_db
def test_the_calendar_of_a_team_decides_in_the_end_when_somebody_knows_it(draft, monkeypatch):
    asked = {}

    def answer(*, case, not_before):
        asked[case.pk] = not_before
        return date(2027, 2, 1)

    monkeypatch.setitem(facts._answers, "first_free_week", [answer])
    earliest = earliest_of(contents_of(draft))
    assert asked == {draft.case_id: date(2027, 1, 18)}
    assert (earliest.visit, earliest.is_team_known) == (date(2027, 2, 1), True)


@pytest.mark.django_db
def test_without_a_calendar_the_page_says_what_is_not_reckoned(client_user, draft, monkeypatch):
    monkeypatch.setitem(facts._answers, "first_free_week", [lambda **_about: None])
    text = signed_in(client_user).get(f"/portal/applications/{draft.case.reference}/scope/").text
    assert "2027-01-18" in text
    assert "plus the team’s calendar" in text


@pytest.mark.django_db
def test_a_permit_that_ends_before_the_visit_is_named_and_an_expired_one_must_be_renewed(client_user):
    with clock.at(MONDAY):
        application = complete_application(client_user)
        last = MONDAY + timedelta(days=20)
        upload = checked_picture("permit.png")
        perform(ATTACH, application, actor=client_user, kind="permits", upload=upload, expires_on=last)
        earliest = earliest_of(contents_of(application))
        assert f"ends on {last}, before the earliest visit" in " ".join(earliest.conflicts)
        assert earliest.renewals == ()
    with clock.at(last + timedelta(days=1)):
        earliest = earliest_of(contents_of(application))
        assert f"ended on {last}" in " ".join(earliest.renewals)
        assert earliest.conflicts == ()


@pytest.mark.django_db
def test_a_save_while_typing_brings_the_new_day_along(client_user, draft):
    with clock.at(MONDAY):
        answer = signed_in(client_user).post(
            f"/portal/applications/{draft.case.reference}/prerequisites/",
            {"system_running_since": "2026-10-24"},
            headers={"X-Autosave": "1"},
        )
    assert 'id="earliest-day" hx-swap-oob="true"' in answer.text
    assert str(working_day_after(months_later(date(2026, 10, 24), 3), 40)) in answer.text
