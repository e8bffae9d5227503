"""Item 35: two people decide about one application at once; exactly one is first, and the other is told."""

from collections.abc import Callable
from functools import partial
from threading import Barrier

import pytest

from applications.models import Application
from applications.queries import documents_in_force
from applications.states import ApplicationState
from applications.transitions import ACCEPT, DECLINE, WITHDRAW
from certbody.accounts.roles import Role
from certbody.trail.models import Event
from certbody.workflow import WrongState, perform
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


def outcome_of(application: Application, *hands: Callable[[], object]) -> None:
    results = at_once(list(hands))
    assert sum(isinstance(result, Application) for result in results) == 1, results
    assert sum(isinstance(result, WrongState) for result in results) == 1, results
    assert Event.objects.filter(case=application.case, name__in=ENDS).count() == 1


@pytest.fixture
def application() -> Application:
    submitted = submitted_application(make_user())
    review_all(submitted, make_user(Role.REVIEWER))
    return submitted


def test_item_35_one_reviewer_accepts_while_the_other_declines(application: Application) -> None:
    first, second = make_user(Role.REVIEWER), make_user(Role.REVIEWER)
    outcome_of(
        application,
        partial(perform, ACCEPT, application, actor=first),
        partial(perform, DECLINE, application, actor=second, reason="资料不完整"),
    )


def test_item_35_the_reviewer_accepts_while_the_client_withdraws(application: Application) -> None:
    client = application.submitted_by
    outcome_of(
        application,
        partial(perform, ACCEPT, application, actor=make_user(Role.REVIEWER)),
        partial(perform, WITHDRAW, application, actor=client, reason="业务调整"),
    )


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
    results = at_once([partial(decide_naively, application, state, waiting) for state in states])
    assert results == states
