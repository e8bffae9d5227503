"""The arithmetic of service managers: sums by head office, branch and outlet, the needed ones, and their warnings."""

from hypothesis import given
from hypothesis import strategies as st

from applications.models import Application, Site
from applications.models.application import managers_needed
from applications.queries.plausibility import are_many, manager_shortfall, warnings_of
from applications.queries.service_managers import totals_by_kind, totals_of
from applications.states import SiteKind
from certbody.cases.models import Case

people = st.integers(min_value=0, max_value=100_000)
figure = st.none() | st.integers(min_value=0, max_value=5_000)
sites = st.lists(
    st.builds(
        Site,
        kind=st.sampled_from(SiteKind),
        headcount=figure,
        service_management_headcount=figure,
        managers_trained=figure,
    ),
    max_size=8,
)


def an_application(**figures: int | None) -> Application:
    return Application(case=Case(reference="2026-0001"), **figures)


@given(people)
def test_the_needed_managers_are_the_smallest_number_that_is_a_tenth_and_at_least_one(management):
    needed = managers_needed(management)
    assert needed >= 1
    assert needed * 10 >= management
    assert needed == 1 or (needed - 1) * 10 < management


@given(people, people)
def test_more_people_in_service_management_never_need_fewer_managers(one, other):
    less, more = sorted((one, other))
    assert managers_needed(less) <= managers_needed(more)


@given(sites)
def test_a_sum_is_that_of_its_sites_or_there_is_none(rows):
    totals = totals_of(rows)
    counts = [row.headcount for row in rows]
    assert totals.headcount == (sum(counts) if counts and None not in counts else None)
    assert totals.sites == len(rows)


@given(sites)
def test_head_office_branches_and_outlets_together_are_all_sites(rows):
    lines = totals_by_kind(rows)
    assert sum(line.totals.sites for line in lines) == len(rows)
    whole = totals_of(rows)
    if whole.is_whole:
        for name, value in whole.as_values().items():
            assert sum(getattr(line.totals, name) for line in lines) == value


@given(headcount=people, management=people, trained=people)
def test_a_warning_about_managers_never_contradicts_the_hint_beside_it(headcount, management, trained):
    """Whoever has no more than is needed is never told that there are many, and never both at once."""
    needed = managers_needed(management)
    application = an_application(
        headcount=headcount, service_management_headcount=management, managers_trained=trained
    )
    too_few = bool(manager_shortfall(application))
    assert too_few == (trained < needed)
    assert not (are_many(needed, needed=needed, headcount=headcount))
    assert not (too_few and are_many(trained, needed=needed, headcount=headcount))


def test_as_many_managers_as_a_tenth_asks_for_are_not_called_many():
    """Twelve of forty people: two are needed, five per cent of the headcount."""
    application = an_application(headcount=40, service_management_headcount=12, managers_trained=2)
    assert [str(found.sentence) for found in warnings_of(application, [])] == []


def test_far_more_managers_than_needed_are_worth_a_question():
    application = an_application(headcount=200, service_management_headcount=30, managers_trained=25)
    sentences = " ".join(str(found.sentence) for found in warnings_of(application, []))
    assert "25 trained service managers are many: 3 are needed" in sentences
