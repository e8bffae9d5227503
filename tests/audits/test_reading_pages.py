"""Pages that only show something: who sees them, in every state that has them."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certbody.accounts.models import User
from tests.audits.pages import desk, portal, signed_in
from tests.road.audits import (
    Road,
    confirmed_audit,
    open_sheet_audit,
    opened_audit,
    planned_audit,
    released_report,
    scored_audit,
    stage1_audit,
)

pytestmark = pytest.mark.django_db

EXCLUSION = {"5.2.6.1": "本行业不回收"}
PAGES: dict[str, tuple[Callable[[], Road], list[str]]] = {
    "planned": (planned_audit, [""]),
    "confirmed": (confirmed_audit, [""]),
    "stage 1": (lambda: stage1_audit(exclusions=EXCLUSION), ["", "stage1/"]),
    "stage 2": (
        lambda: open_sheet_audit(exclusions=EXCLUSION),
        ["", "stage1/", "sheet/", "sheet/5.1.1.1/", "sheet/5.2.6.1/"],
    ),
    "scored": (
        lambda: scored_audit(specials=1, bonus=True),
        ["sheet/", "sheet/5.1.1.1/", "findings/", "report/"],
    ),
    "released": (released_report, ["", "stage1/", "sheet/", "findings/", "report/"]),
}
DESK_PAGES = ["", "stage1/", "sheet/", "sheet/5.1.1.1/", "findings/", "report/"]


@pytest.mark.parametrize("state", PAGES)
def test_the_team_and_the_office_see_every_page(state: str, finance: User) -> None:
    build, parts = PAGES[state]
    road = build()
    for user in (road.lead, road.planner, road.reviewer, finance):
        for part in parts:
            assert signed_in(user).get(desk(road.audit, part)).status_code == 200, (user, part)
    assert signed_in(road.client).get(portal(road.audit)).status_code == 200


def test_strangers_get_the_same_404_everywhere(other_auditor: User, other_client: User) -> None:
    road = scored_audit()
    for part in DESK_PAGES:
        for stranger in (other_auditor, other_client, road.client):
            assert signed_in(stranger).get(desk(road.audit, part)).status_code == 404, (stranger, part)
    assert signed_in(other_client).get(portal(road.audit)).status_code == 404


def test_pages_that_only_show_refuse_other_methods() -> None:
    road = scored_audit()
    for part in ["", "stage1/", "sheet/", "findings/"]:
        assert signed_in(road.lead).post(desk(road.audit, part)).status_code == 405, part
    assert signed_in(road.client).post(portal(road.audit)).status_code == 405
    assert signed_in(road.lead).post("/desk/audits/").status_code == 405


def test_staff_are_sent_from_the_client_s_page_to_the_desk() -> None:
    road = planned_audit()
    assert signed_in(road.lead).get(portal(road.audit)).status_code == 302


def test_the_sheet_does_not_exist_before_stage_2() -> None:
    road = stage1_audit()
    assert signed_in(road.lead).get(desk(road.audit, "sheet/")).status_code == 404
    assert signed_in(road.lead).get(desk(road.audit, "report/")).status_code == 404


def test_a_clause_that_the_scheme_does_not_have_is_not_found() -> None:
    road = open_sheet_audit()
    assert signed_in(road.lead).get(desk(road.audit, "sheet/9.9.9.9/")).status_code == 404


def test_the_list_shows_an_auditor_only_audits_of_its_own(other_auditor: User) -> None:
    road = planned_audit()
    assert road.case.reference in signed_in(road.auditor).get("/desk/audits/").content.decode()
    assert road.case.reference not in signed_in(other_auditor).get("/desk/audits/").content.decode()
    assert signed_in(road.client).get("/desk/audits/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_database_equally_often(number: int, finance: User) -> None:
    for _audit in range(number):
        opened_audit()
    browser = signed_in(finance)
    browser.get("/desk/audits/")
    with CaptureQueriesContext(connection) as queries:
        assert browser.get("/desk/audits/").status_code == 200
    assert len(queries) == 12, [query["sql"] for query in queries]


def test_the_client_reads_no_points_and_no_grade() -> None:
    road = scored_audit(specials=1)
    page = signed_in(road.client).get(portal(road.audit)).content.decode()
    assert "特别扣分 1" in page
    assert road.audit.final_exact not in page
    assert "star5" not in page
    assert "Five stars" not in page


def test_the_client_does_not_see_the_team_before_the_plan_is_proposed() -> None:
    road = planned_audit()
    assert road.lead.person.name not in signed_in(road.client).get(portal(road.audit)).content.decode()
    road.take("propose", road.planner)
    assert road.lead.person.name in signed_in(road.client).get(portal(road.audit)).content.decode()
