"""Lists that ask the database equally often for one row and for three (house rule 8); every number is literal.

The lists of applications, contracts, people, tasks, score sheets, panels, decisions, certificates and the register have
this test beside their pages.
"""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from certbody import clock
from certbody.accounts.models import Authorisation, User
from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.body.transitions import SCORING_TABLE
from certbody.workflow import perform
from tests.road import audits
from tests.road.certificates import issued_certificate, released_case, signed_decision
from tests.road.people import make_person, make_user

pytestmark = pytest.mark.django_db


def list_of_audits(number: int) -> tuple[User, str]:
    for _audit in range(number):
        audits.opened_audit()
    return make_user(Role.PLANNER), "/desk/audits/"


def findings_of_an_audit(number: int) -> tuple[User, str]:
    road = audits.scored_audit(specials=number)
    return road.lead, f"/desk/audits/{road.audit.pk}/findings/"


def concerns_of_stage_1(number: int) -> tuple[User, str]:
    road = audits.stage1_audit()
    for index in range(number):
        road.take("note_concern", road.lead, text=f"看现场 {index}")
    return road.lead, f"/desk/audits/{road.audit.pk}/stage1/"


def exclusions_of_stage_1(number: int) -> tuple[User, str]:
    clauses = ("5.2.6.1", "5.2.6.2", "5.2.6.3")[:number]
    road = audits.stage1_audit(exclusions=dict.fromkeys(clauses, "不提供回收"))
    return road.lead, f"/desk/audits/{road.audit.pk}/stage1/"


def certificates_of_a_client(number: int) -> tuple[User, str]:
    first = released_case()
    issued_certificate(signed_decision(first))
    for cycle in range(2, number + 1):
        again = released_case(organisation=first.organisation, kind="recertification", cycle=cycle)
        issued_certificate(signed_decision(again))
    return first.client, "/portal/certificates/"


def scoring_tables(number: int) -> tuple[User, str]:
    keeper = make_user(Role.QUALITY)
    for _table in range(number):
        perform(SCORING_TABLE.step("begin"), ScoringTable(scheme="gbt27922-2011"), actor=keeper)
    return keeper, "/desk/scoring-tables/"


def authorisations(number: int) -> tuple[User, str]:
    today = clock.today()
    for _person in range(number):
        Authorisation.objects.create(
            person=make_person(), kind="sign", since=today, until=today, reference="1"
        )
    return make_user(Role.HEAD), "/desk/authorisations/"


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    ("prepare", "queries"),
    [
        (list_of_audits, 11),
        (findings_of_an_audit, 11),
        (concerns_of_stage_1, 57),
        (exclusions_of_stage_1, 57),
        (certificates_of_a_client, 10),
        (scoring_tables, 12),
        (authorisations, 12),
    ],
)
def test_a_list_costs_the_same_for_one_row_and_three(
    prepare: Callable[[int], tuple[User, str]],
    queries: int,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user, address = prepare(number)
    browser = Client()
    browser.force_login(user)
    browser.get(address)
    with django_assert_num_queries(queries):
        assert browser.get(address).status_code == 200
