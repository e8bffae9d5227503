"""Item 35: two people decide about one application at once; exactly one is first, and the other is told."""

from collections.abc import Callable
from functools import partial
from threading import Barrier, Lock
from typing import NamedTuple

import pytest
from django.db import IntegrityError
from django.test import Client

from applications.models import Application, ReviewAssignment, ReviewItem, Verdict
from applications.queries import documents_in_force
from applications.services.review_queue import assignment_of
from applications.states import ApplicationState
from applications.transitions import ACCEPT, DECLINE, REVIEW_ITEM, TAKE_OVER, WITHDRAW
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.trail.models import Event
from certbody.workflow import NotReady, WrongState, perform
from tests.emptying import without_triggers
from tests.kernel.threads import at_once
from tests.road.applications import review_all, submitted_application
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

ENDS = ("application.accepted", "application.declined", "application.withdrawn")


def decide_naively(application: Application, state: str, waiting: Barrier) -> str:
    """Read, check, write: what the engine does without lock and conditional update."""
    seen = Application.objects.get(pk=application.pk)
    waiting.wait()
    if seen.state == ApplicationState.SUBMITTED:
        Application.objects.filter(pk=application.pk).update(state=state)
        return state
    return "refused"


class Outcome(NamedTuple):
    """What came of two hands: how many succeeded, how many were told of the other, how many ends the case has."""

    done: int
    refused: int
    ends: int


ONE_IS_FIRST = Outcome(done=1, refused=1, ends=1)


def outcome_of(application: Application, *hands: Callable[[], object]) -> Outcome:
    results = at_once(list(hands))
    return Outcome(
        done=sum(isinstance(result, Application) for result in results),
        refused=sum(isinstance(result, WrongState) for result in results),
        ends=Event.objects.filter(case=application.case, name__in=ENDS).count(),
    )


@pytest.fixture
def application() -> Application:
    submitted = submitted_application(make_user())
    review_all(submitted, make_user(Role.REVIEWER))
    return submitted


def test_item_35_one_reviewer_accepts_while_the_other_declines(application: Application) -> None:
    first, second = make_user(Role.REVIEWER), make_user(Role.REVIEWER)
    outcome = outcome_of(
        application,
        partial(perform, ACCEPT, application, actor=first),
        partial(perform, DECLINE, application, actor=second, reason="资料不完整"),
    )
    assert outcome == ONE_IS_FIRST


def test_item_35_the_reviewer_accepts_while_the_client_withdraws(application: Application) -> None:
    client = application.submitted_by
    outcome = outcome_of(
        application,
        partial(perform, ACCEPT, application, actor=make_user(Role.REVIEWER)),
        partial(perform, WITHDRAW, application, actor=client, reason="业务调整"),
    )
    assert outcome == ONE_IS_FIRST


def test_item_35_the_reviewed_files_are_pinned_to_the_decision(application: Application) -> None:
    files = list(documents_in_force(application).order_by("pk").values_list("file__sha256", flat=True))
    perform(ACCEPT, application, actor=make_user(Role.REVIEWER))
    event = Event.objects.get(case=application.case, name="application.accepted")
    assert files
    assert event.data["documents"] == files


def test_without_the_engine_both_decisions_are_made(application: Application) -> None:
    """Negative control: if only one hand succeeds here, the tests above prove nothing."""
    waiting = Barrier(2)
    states = [ApplicationState.ACCEPTED, ApplicationState.DECLINED]
    with without_triggers("applications_application"):
        results = at_once([partial(decide_naively, application, state, waiting) for state in states])
    assert results == states


def test_what_the_naive_way_would_do_the_database_refuses_too(application: Application) -> None:
    waiting = Barrier(2)
    states = [ApplicationState.ACCEPTED, ApplicationState.DECLINED]
    results = at_once([partial(decide_naively, application, state, waiting) for state in states])
    assert sum(result in states for result in results) == 1, results
    assert sum(isinstance(result, IntegrityError) for result in results) == 1, results


def test_of_two_who_take_an_application_over_at_once_exactly_one_has_it(application: Application) -> None:
    people = [make_user(Role.REVIEWER), make_user(Role.REVIEWER)]
    results = at_once([partial(perform, TAKE_OVER, application, actor=person) for person in people])
    assert sum(isinstance(result, Application) for result in results) == 1, results
    assert sum(isinstance(result, NotReady) for result in results) == 1, results
    assert application.review_assignments.count() == 1
    assert Event.objects.filter(case=application.case, name="application.taken_over").count() == 1


def take_over_naively(application: Application, person: User, waiting: Barrier, turn: Lock) -> bool:
    """Look, then write: what the step does without its lock."""
    is_free = assignment_of(application) is None
    waiting.wait()
    with turn:
        if is_free:
            application.review_assignments.filter(ended_at=None).update(ended_at=clock.now())
            ReviewAssignment.objects.create(
                application=application, person=person.person, assigned_by=person.person
            )
    return is_free


def test_without_the_engine_both_believe_that_they_have_it(application: Application) -> None:
    """Negative control of the race for an application: the first loses it without a word."""
    people = [make_user(Role.REVIEWER), make_user(Role.REVIEWER)]
    waiting, turn = Barrier(2), Lock()
    results = at_once([partial(take_over_naively, application, one, waiting, turn) for one in people])
    assert results == [True, True]
    assert application.review_assignments.filter(ended_at__isnull=False).count() == 1


VERDICTS = ((Verdict.NOT_APPLICABLE, "未提出删减"), (Verdict.OPEN, "为何删减该条款？"))


def test_of_two_who_judge_one_item_on_the_same_page_one_is_told_of_the_other(
    application: Application,
) -> None:
    """One says not applicable, the other that it is open: nothing is overwritten unseen."""
    page = f"/desk/applications/{application.case.reference}/"
    browsers = []
    for verdict, note in VERDICTS:
        browser = Client()
        browser.force_login(make_user(Role.REVIEWER))
        items = browser.get(page).context["items"]
        form = next(row["form"] for row in items if row["item"].key == "exclusions")
        given = {
            "exclusions-seen": form.fields["seen"].initial,
            "exclusions-verdict": str(verdict),
            "exclusions-note": note,
        }
        browsers.append(partial(browser.post, f"{page}items/exclusions/", given))
    answers = at_once(browsers)
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    stored = application.review_items.get(key="exclusions")
    refused = next(answer for answer in answers if answer.status_code == 409).content.decode()
    assert (stored.verdict, stored.note) in VERDICTS
    assert all(note in refused for _verdict, note in VERDICTS)


def test_without_the_memory_of_the_page_the_later_verdict_replaces_the_other_unseen(
    application: Application,
) -> None:
    """Negative control of the race for an item."""
    hands = [
        partial(
            perform,
            REVIEW_ITEM,
            application,
            actor=make_user(Role.REVIEWER),
            key="exclusions",
            verdict=verdict,
            note=note,
        )
        for verdict, note in VERDICTS
    ]
    results = at_once(hands)
    assert all(isinstance(result, Application) for result in results), results
    assert ReviewItem.objects.filter(application=application, key="exclusions").count() == 1
