"""Desk, portal, case pages and search: who sees what, and at what cost."""

from datetime import timedelta

import pytest
from django.test import Client

from applications.transitions import WITHDRAW
from certbody import clock, workflow
from certbody.accounts.models import User
from certbody.accounts.roles import ALL_CASES, Role
from certbody.cases.models import Case
from certbody.cases.services import end_access, grant_access, open_case
from certbody.desk.models import Task
from certbody.desk.services import Audience, close_tasks, open_task, register_kind
from certbody.trail.services import append
from certbody.trail.timeline import entries_of
from certbody.web.stages import stages_of, stages_of_cases
from tests.kernel.bench import step
from tests.kernel.pages import open_bench, signed_in
from tests.road.applications import begun_application
from tests.road.audits import contracted_case
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db

LABEL = "Look at the bench"


@pytest.fixture(autouse=True)
def _bench(monkeypatch: pytest.MonkeyPatch) -> None:
    open_bench(monkeypatch)
    register_kind("bench.look", LABEL)


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def case(owner: User) -> Case:
    return open_case(organisation=make_organisation(owner, name="珠江百货有限公司"), scheme="gbt27922-2011")


@pytest.fixture
def planner() -> User:
    return make_user(Role.PLANNER)


def wait_for(case: Case, to: Audience, *, days: int | None = None) -> Task:
    due_on = clock.today() + timedelta(days=days) if days is not None else None
    return open_task(kind="bench.look", obj=case, case=case, to=to, path="/look/", due_on=due_on)


def desk(case: Case) -> str:
    return f"/desk/cases/{case.reference}/"


def portal(case: Case) -> str:
    return f"/portal/cases/{case.reference}/"


@pytest.mark.parametrize("path", ["/desk/", "/desk/search/", "/portal/", "/home/"])
def test_whoever_is_not_signed_in_is_sent_to_the_sign_in(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")


def test_everybody_has_one_home(owner: User, planner: User) -> None:
    assert signed_in(owner).get("/home/")["Location"] == "/portal/"
    assert signed_in(planner).get("/home/")["Location"] == "/desk/"
    assert signed_in(owner).get("/desk/").status_code == 404
    assert signed_in(planner).get("/portal/")["Location"] == "/desk/"


@pytest.mark.parametrize("path", ["/desk/", "/desk/search/"])
def test_the_desk_is_only_read(planner: User, path: str) -> None:
    assert signed_in(planner).post(path).status_code == 405


@pytest.mark.parametrize("path", ["/portal/", "/home/"])
def test_the_portal_is_only_read(owner: User, path: str) -> None:
    assert signed_in(owner).post(path).status_code == 405


def test_the_desk_shows_the_tasks_of_the_person_and_of_the_roles(case: Case, planner: User) -> None:
    wait_for(case, Audience(role=Role.PLANNER))
    wait_for(case, Audience(person=planner.person), days=0)
    text = signed_in(planner).get("/desk/").text
    assert text.count(LABEL) == 2
    assert "1 task is due today or overdue" in text
    assert LABEL not in signed_in(make_user(Role.REVIEWER)).get("/desk/").text


def test_tasks_of_one_kind_in_a_case_can_be_told_apart(case: Case, planner: User) -> None:
    for number, path in enumerate(("/first/", "/second/")):
        obj = case.organisation if number else case
        open_task(kind="bench.look", obj=obj, case=case, to=Audience(person=planner.person), path=path)
    page = signed_in(planner).get("/desk/").text
    assert page.index('href="/first/"') < page.index(f"{LABEL} (1 of 2)")
    assert page.index('href="/second/"') < page.index(f"{LABEL} (2 of 2)")


def test_a_closed_task_waits_for_nobody(case: Case, planner: User) -> None:
    wait_for(case, Audience(role=Role.PLANNER))
    assert close_tasks(kinds=["bench.look"], obj=case) == 1
    text = signed_in(planner).get("/desk/").text
    assert LABEL not in text
    assert "Nothing is due today" in text


def test_the_portal_shows_the_cases_and_tasks_of_the_own_organisation(case: Case, owner: User) -> None:
    wait_for(case, Audience(organisation=case.organisation))
    own, foreign = signed_in(owner).get("/portal/").text, signed_in(make_user()).get("/portal/").text
    assert case.reference in own
    assert LABEL in own
    assert case.reference not in foreign
    assert case.organisation.name not in foreign
    assert LABEL not in foreign


@pytest.mark.parametrize("role", sorted(ALL_CASES))
def test_an_office_role_opens_every_case(case: Case, role: str) -> None:
    answer = signed_in(make_user(role)).get(desk(case))
    assert answer.status_code == 200
    assert case.organisation.name in answer.text


@pytest.mark.parametrize("role", sorted(set(Role) - ALL_CASES))
def test_any_other_role_opens_the_cases_of_an_appointment_while_it_lasts(case: Case, role: str) -> None:
    user = make_user(role)
    visitor = signed_in(user)
    assert visitor.get(desk(case)).status_code == 404
    grant_access(case=case, person=user.person, ground="bench")
    assert visitor.get(desk(case)).status_code == 200
    end_access(case=case, person=user.person, ground="bench")
    assert visitor.get(desk(case)).status_code == 404


def test_a_case_page_belongs_to_one_surface_and_is_only_read(case: Case, owner: User, planner: User) -> None:
    client, office = signed_in(owner), signed_in(planner)
    assert client.get(portal(case)).status_code == 200
    assert office.get(portal(case))["Location"] == "/desk/"
    assert client.get(desk(case)).status_code == 404
    assert client.post(portal(case)).status_code == 405
    assert office.post(desk(case)).status_code == 405


def test_the_case_of_another_client_answers_like_no_case(case: Case) -> None:
    stranger = signed_in(make_user())
    assert (
        stranger.get(portal(case)).status_code == stranger.get("/portal/cases/1999-0001/").status_code == 404
    )
    assert case.organisation.name not in stranger.get(portal(case)).text


@pytest.mark.parametrize("words", ["珠江", "huafeng APPLIANCES", "reference", "credit code"])
def test_a_case_is_found_by_number_name_and_credit_code(case: Case, planner: User, words: str) -> None:
    words = {"reference": case.reference, "credit code": case.organisation.credit_code.lower()}.get(
        words, words
    )
    assert case.reference in signed_in(planner).get("/desk/search/", {"q": words}).text


def test_a_search_finds_only_what_the_reader_may_see(case: Case, owner: User) -> None:
    auditor = make_user(Role.AUDITOR)
    assert desk(case) not in signed_in(auditor).get("/desk/search/", {"q": "珠江"}).text
    grant_access(case=case, person=auditor.person, ground="bench")
    assert desk(case) in signed_in(auditor).get("/desk/search/", {"q": "珠江"}).text
    assert signed_in(owner).get("/desk/search/", {"q": "珠江"}).status_code == 404


@pytest.mark.parametrize("words", ["", "   ", "%", "_", "不存在", "' OR 1=1 --"])
def test_a_search_for_nothing_finds_nothing(case: Case, planner: User, words: str) -> None:
    answer = signed_in(planner).get("/desk/search/", {"q": words})
    assert answer.status_code == 200
    assert desk(case) not in answer.text


def record(case: Case, event: str, user: User | None) -> None:
    append(name=event, obj=case, case=case, user=user)


def test_the_client_reads_its_own_words_and_never_who_it_was_at_the_body(
    case: Case, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner = make_user(Role.PLANNER, name="赵敏")
    spoken = step(
        name="note", event="bench.noted", told="We have looked at it.", recorded="The bench was noted."
    )
    monkeypatch.setattr(workflow, "step_of_event", {"bench.noted": spoken, "bench.retired": step()}.get)
    for event, user in (
        ("bench.noted", planner),
        ("bench.noted", owner),
        ("bench.noted", None),
        ("bench.retired", planner),
    ):
        record(case, event, user)

    told = signed_in(owner).get(portal(case)).text
    assert told.count("We have looked at it") == 3
    assert "The bench was noted" not in told
    assert "Retired" not in told
    assert "赵敏" not in told
    assert [entry.actor for entry in entries_of(case, owner)] == ["", owner.person.name, ""]

    recorded = signed_in(planner).get(desk(case)).text
    assert recorded.count("The bench was noted") == 3
    assert "赵敏" in recorded
    assert [entry.actor for entry in entries_of(case, planner)] == ["赵敏", "", owner.person.name, "赵敏"]


def test_an_event_of_no_step_is_not_in_the_timeline(case: Case, planner: User) -> None:
    record(case, "bench.unknown", planner)
    assert entries_of(case, planner) == []


def test_what_was_told_later_of_an_earlier_day_stands_on_its_day(
    case: Case, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken = {name: step(name=name, event=name, recorded=name) for name in ("bench.first", "bench.second")}
    monkeypatch.setattr(workflow, "step_of_event", spoken.get)
    record(case, "bench.second", owner)
    with clock.at(clock.today() - timedelta(days=3)):
        record(case, "bench.first", owner)
    assert [entry.text for entry in entries_of(case, make_user(Role.PLANNER))] == [
        "bench.second",
        "bench.first",
    ]


def test_the_stages_stand_in_the_order_of_the_procedure(owner: User) -> None:
    stages = stages_of(begun_application(owner).case)
    assert [str(stage.label) for stage in stages] == [
        "Application",
        "Contract",
        "Audit plan",
        "Stage 1",
        "Stage 2",
        "Report",
        "Decision",
        "Certificate",
    ]
    assert len({stage.order for stage in stages}) == len(stages)


def test_the_portal_shows_how_far_each_case_is_that_goes_on(case: Case, owner: User) -> None:
    """A case without an application, and one that was withdrawn, go on no more: they show no dots."""
    withdrawn = begun_application(owner, case.organisation)
    workflow.perform(WITHDRAW, withdrawn, actor=owner, reason="暂不申请")
    applications = [begun_application(owner, make_organisation(owner)) for _number in range(2)]
    text = signed_in(owner).get("/portal/").text
    assert text.count("Audit plan") == len(applications)
    assert [stage.state for stage in stages_of(withdrawn.case)][:2] == ["ended", "future"]
    for application in applications:
        assert text.index(application.case.reference) < text.rindex("Audit plan") < text.index(case.reference)
    dots = {
        pk: [one.state for one in row] for pk, row in stages_of_cases([case, applications[0].case]).items()
    }
    assert dots[applications[0].case_id] == ["current", *["future"] * 7]
    assert "current" not in dots[case.pk]


def test_between_two_stages_it_is_the_turn_of_the_next(owner: User) -> None:
    case = contracted_case(owner)
    assert [stage.state for stage in stages_of(case)][:4] == ["done", "done", "current", "future"]
