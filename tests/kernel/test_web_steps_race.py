"""Two arrivals of one submission at the same time: one effect, the same answer (battery item 36)."""

import time
from functools import partial

import pytest
from django.http import HttpResponse
from django.test import Client

from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.trail.models import Event
from certbody.web.submissions import Submission
from tests.kernel.bench import make_table
from tests.kernel.pages import HOME, address, open_bench, signed_in, submission
from tests.kernel.threads import at_once
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

ARRIVALS = 6


@pytest.fixture(autouse=True)
def _bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every arrival asks for an earlier answer before any of them has taken the step."""
    open_bench(monkeypatch)
    ask = Submission.answer

    def ask_slowly(submission: Submission) -> str:
        answer = ask(submission)
        time.sleep(0.1)
        return answer

    monkeypatch.setattr(Submission, "answer", ask_slowly)


def arrive(visitor: Client, table: ScoringTable, sent: dict[str, str]) -> tuple[int, str]:
    answer: HttpResponse = visitor.post(address(table, "note"), sent)
    return answer.status_code, answer.get("Location", "")


def arrivals() -> tuple[list[tuple[int, str] | Exception], int]:
    user, table, sent = make_user(Role.QUALITY), make_table(), submission()
    visitors = [signed_in(user) for _arrival in range(ARRIVALS)]
    for visitor in visitors:
        assert visitor.get(address(table, "note")).status_code == 200
    answers = at_once([partial(arrive, visitor, table, sent) for visitor in visitors])
    return answers, Event.objects.filter(name="bench.noted").count()


def test_item_36_arrivals_at_the_same_time_have_one_effect_and_the_same_answer() -> None:
    answers, effects = arrivals()
    assert answers == [(302, HOME)] * ARRIVALS
    assert effects == 1


def test_item_36_without_the_key_every_arrival_takes_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: if this shows one effect, the test above proves nothing."""
    monkeypatch.setattr(Submission, "_note", lambda _submission, _location: None)
    _answers, effects = arrivals()
    assert effects == ARRIVALS
