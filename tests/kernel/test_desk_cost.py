"""A page costs the same number of queries for one thing as for three (house rule 8)."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Case
from certbody.cases.services import open_case
from certbody.desk.services import Audience, open_task
from certbody.trail.services import append
from tests.kernel.pages import open_bench, signed_in
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _bench(monkeypatch: pytest.MonkeyPatch) -> None:
    open_bench(monkeypatch)


def visit(user: User) -> Client:
    """The session is touched by the first request of a minute; the second costs what every later one costs."""
    visitor = signed_in(user)
    visitor.get("/home/")
    return visitor


def wait_for_role(number: int) -> Case:
    case = open_case(organisation=make_organisation(name=f"珠江百货{number}有限公司"), scheme="gbt27922-2011")
    open_task(kind="bench.look", obj=case, case=case, to=Audience(role=Role.PLANNER), path="/look/")
    return case


@pytest.mark.parametrize("number", [1, 3])
def test_the_desk_costs_the_same_for_one_task_and_three(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for index in range(number):
        wait_for_role(index)
    visitor = visit(make_user(Role.PLANNER))
    with django_assert_num_queries(13):
        assert visitor.get("/desk/").text.count('href="/look/"') == number


@pytest.mark.parametrize("number", [1, 3])
def test_a_search_costs_the_same_for_one_case_and_three(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for index in range(number):
        wait_for_role(index)
    visitor = visit(make_user(Role.PLANNER))
    with django_assert_num_queries(10):
        assert visitor.get("/desk/search/", {"q": "珠江"}).text.count("/desk/cases/") == number


@pytest.mark.parametrize("number", [1, 3])
def test_the_portal_costs_the_same_for_one_case_and_three(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owner = make_user()
    organisation = make_organisation(owner)
    for _index in range(number):
        open_case(organisation=organisation, scheme="gbt27922-2011")
    visitor = visit(owner)
    with django_assert_num_queries(28):
        assert visitor.get("/portal/").text.count('href="/portal/cases/') == number


def seen_on_the_desk(case: Case) -> tuple[User, str]:
    return make_user(Role.PLANNER), f"/desk/cases/{case.reference}/"


def seen_in_the_portal(case: Case) -> tuple[User, str]:
    return case.organisation.memberships.get().person.users.get(), f"/portal/cases/{case.reference}/"


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("surface", "queries"), [(seen_on_the_desk, 26), (seen_in_the_portal, 21)])
def test_a_case_page_costs_the_same_for_one_event_and_three(
    surface: Callable[[Case], tuple[User, str]],
    queries: int,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    owner = make_user()
    case = open_case(organisation=make_organisation(owner), scheme="gbt27922-2011")
    for index in range(number):
        append(name="bench.noted", obj=case, case=case, user=owner)
        open_task(
            kind=f"bench.{index}",
            obj=case,
            case=case,
            to=Audience(organisation=case.organisation),
            path="/look/",
        )
    user, path = surface(case)
    visitor = visit(user)
    with django_assert_num_queries(queries):
        page = visitor.get(path).text
    assert all(page.count(f"bench.{index}") == 1 for index in range(number))
    # the desk names the client's task and leads nobody to a page of the portal
    assert page.count('href="/look/"') == (0 if user.is_staff_member else number)
