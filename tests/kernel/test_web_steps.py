"""The one view of every step: who may, what a second arrival gets, and that reading changes nothing."""

import re
from typing import Any

import pytest
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponseBase
from django.test import Client

from certbody import workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.body.states import ScoringTableState
from certbody.permissions import system_only
from certbody.trail.models import Event
from certbody.web import steps
from certbody.web.models import IdempotencyKey
from certbody.web.templatetags import steps as steps_tags
from tests.accounts.doors import with_totp
from tests.kernel.bench import make_table
from tests.kernel.pages import HOME, address, open_bench, signed_in, submission
from tests.kernel.rows import fingerprint
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _bench(monkeypatch: pytest.MonkeyPatch) -> None:
    open_bench(monkeypatch)


@pytest.fixture
def table() -> ScoringTable:
    return make_table()


@pytest.fixture
def user() -> User:
    return make_user(Role.QUALITY)


@pytest.fixture
def browser_of_quality(user: User) -> Client:
    return signed_in(user)


def happened(event: str = "bench.noted") -> int:
    return Event.objects.filter(name=event).count()


def incomplete(table: ScoringTable) -> None:
    ScoringTable.objects.filter(pk=table.pk).update(remark="incomplete")


def test_the_form_is_shown_and_a_post_takes_the_step(browser_of_quality: Client, table: ScoringTable) -> None:
    page = browser_of_quality.get(address(table, "retire"))
    assert page.status_code == 200
    assert 'name="remark"' in page.text
    assert re.search(r'name="submission" value="[0-9a-f-]{36}"', page.text)

    answer = browser_of_quality.post(address(table, "retire"), submission())
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    table.refresh_from_db()
    assert (table.state, table.remark) == (ScoringTableState.RETIRED, "as agreed")


def test_a_step_without_a_form_of_its_own_asks_for_confirmation(
    browser_of_quality: Client, table: ScoringTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(steps._pages, "bench.noted")
    page = browser_of_quality.get(address(table, "note"))
    assert "The remark is kept." in page.text
    assert browser_of_quality.post(address(table, "note"), {}).status_code == 302
    assert happened() == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_is_refused(browser_of_quality: Client, table: ScoringTable, method: str) -> None:
    assert browser_of_quality.generic(method, address(table, "note")).status_code == 405
    assert happened() == 0


def test_somebody_not_signed_in_is_sent_to_the_sign_in(client: Client, table: ScoringTable) -> None:
    for answer in (client.get(address(table, "note")), client.post(address(table, "note"), submission())):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=")
    assert happened() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_learns_nothing(table: ScoringTable, method: str) -> None:
    stranger = signed_in(make_user())
    foreign = getattr(stranger, method)(address(table, "note"), submission())
    nothing = getattr(stranger, method)("/steps/bench/987654/note/", submission())
    assert foreign.status_code == nothing.status_code == 404
    assert happened() == 0


@pytest.mark.parametrize(
    "path", ["bench/{pk}/unknown/", "unknown/{pk}/note/", "bench/{pk}/begin/", "bench/{pk}/tidy/"]
)
def test_steps_that_nobody_takes_on_a_page_do_not_exist(
    browser_of_quality: Client, table: ScoringTable, path: str
) -> None:
    address_of_step = "/steps/" + path.format(pk=table.pk)
    assert browser_of_quality.get(address_of_step).status_code == 404
    assert browser_of_quality.post(address_of_step, submission()).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_too_little_permission_is_refused_with_the_name_of_the_role(table: ScoringTable, method: str) -> None:
    answer = getattr(signed_in(make_user(Role.REVIEWER)), method)(address(table, "note"), submission())
    assert answer.status_code == 403
    assert "quality manager" in answer.text
    assert happened() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_already_done_is_refused_with_the_state(
    browser_of_quality: Client, table: ScoringTable, method: str
) -> None:
    browser_of_quality.post(address(table, "retire"), submission())
    answer = getattr(browser_of_quality, method)(address(table, "retire"), submission())
    assert answer.status_code == 409
    assert "retired" in answer.text
    assert happened("bench.retired") == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_missing_is_listed_with_its_links(
    browser_of_quality: Client, table: ScoringTable, method: str
) -> None:
    incomplete(table)
    answer = getattr(browser_of_quality, method)(address(table, "retire"), submission())
    assert answer.status_code == 409
    assert '<a href="/somewhere/">The remark is incomplete.</a>' in answer.text
    assert "<li>Nobody has looked.</li>" in answer.text
    assert happened("bench.retired") == 0


def test_bad_input_keeps_what_was_typed(browser_of_quality: Client, table: ScoringTable) -> None:
    answer = browser_of_quality.post(address(table, "note"), submission(remark="<b"))
    assert answer.status_code == 422
    assert 'value="&lt;b"' in answer.text
    assert happened() == 0
    assert not IdempotencyKey.objects.exists()


def test_bad_input_of_somebody_without_permission_is_refused_for_the_permission(table: ScoringTable) -> None:
    answer = signed_in(make_user(Role.REVIEWER)).post(address(table, "note"), submission(remark=""))
    assert answer.status_code == 403
    assert "quality manager" in answer.text


def test_a_forged_submission_key_is_bad_input(browser_of_quality: Client, table: ScoringTable) -> None:
    assert (
        browser_of_quality.post(address(table, "note"), submission(submission="1 OR 1=1")).status_code == 422
    )
    assert happened() == 0


def test_item_36_a_second_arrival_has_no_second_effect_and_gets_the_same_answer(
    browser_of_quality: Client, table: ScoringTable
) -> None:
    sent = submission()
    answers = [browser_of_quality.post(address(table, "note"), sent) for _time in range(3)]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, HOME)}
    assert happened() == 1


def test_item_36_a_second_arrival_is_answered_although_the_state_has_moved(
    browser_of_quality: Client, table: ScoringTable
) -> None:
    sent = submission()
    answers = [browser_of_quality.post(address(table, "retire"), sent) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert happened("bench.retired") == 1


def test_item_36_a_refused_attempt_can_be_tried_again_with_the_same_key(
    browser_of_quality: Client, table: ScoringTable
) -> None:
    incomplete(table)
    sent = submission()
    assert browser_of_quality.post(address(table, "retire"), sent).status_code == 409
    ScoringTable.objects.update(remark="")
    assert browser_of_quality.post(address(table, "retire"), sent).status_code == 302
    assert happened("bench.retired") == 1


def test_item_36_an_attempt_that_broke_can_be_tried_again_with_the_same_key(
    user: User, table: ScoringTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_anything: object) -> None:
        raise RuntimeError("the follow-up broke")

    sent = submission()
    visitor = signed_in(user, raise_request_exception=False)
    with monkeypatch.context() as fault:
        fault.setitem(workflow._follow_ups, "bench.noted", [break_down])
        assert visitor.post(address(table, "note"), sent).status_code == 500
    assert happened() == 0
    assert visitor.post(address(table, "note"), sent).status_code == 302
    assert happened() == 1


def test_a_fault_of_the_database_is_not_answered_as_if_the_step_had_been_taken(
    user: User, table: ScoringTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_anything: object) -> None:
        raise IntegrityError("a constraint of another table")

    monkeypatch.setitem(workflow._follow_ups, "bench.noted", [break_down])
    answer = signed_in(user).post(address(table, "note"), submission())
    assert answer.status_code == 409
    assert happened() == 0


def test_item_36_the_key_of_another_user_is_another_key(
    browser_of_quality: Client, table: ScoringTable
) -> None:
    sent = submission()
    for visitor in (browser_of_quality, signed_in(make_user(Role.QUALITY))):
        assert visitor.post(address(table, "note"), sent).status_code == 302
    assert happened() == 2


def test_item_26_fields_that_the_form_does_not_have_are_ignored(
    browser_of_quality: Client, table: ScoringTable, user: User
) -> None:
    forged = {
        "state": "confirmed",
        "version": "forged",
        "head_confirmed_by": user.person_id,
        "actor": "1",
        "pk": "1",
    }
    assert browser_of_quality.post(address(table, "note"), submission() | forged).status_code == 302
    before = (table.state, table.version, table.content_hash)
    table.refresh_from_db()
    assert (table.state, table.version, table.content_hash) == before
    assert (table.head_confirmed_by, table.remark) == (None, "as agreed")
    assert Event.objects.get(name="bench.noted").data == {"remark": "as agreed"}


def test_item_26_a_post_without_the_csrf_token_is_refused(user: User, table: ScoringTable) -> None:
    visitor = signed_in(user, enforce_csrf_checks=True)
    page = visitor.get(address(table, "note"))
    assert visitor.post(address(table, "note"), submission()).status_code == 403
    assert happened() == 0

    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token is not None
    sent = submission(csrfmiddlewaretoken=token[1])
    assert visitor.post(address(table, "note"), sent).status_code == 302


def test_item_26_reading_a_step_changes_no_row(browser_of_quality: Client, table: ScoringTable) -> None:
    before = fingerprint()
    for name in ("note", "retire", "begin"):
        browser_of_quality.get(address(table, name))
        browser_of_quality.head(address(table, name))
    assert fingerprint() == before

    browser_of_quality.post(address(table, "note"), submission())
    changed = {name for name, digest in fingerprint().items() if digest != before[name]}
    assert {"body_scoringtable", "trail_event", "trail_trailhead", "web_idempotencykey"} <= changed


def test_staff_show_the_second_factor_again_before_an_act_that_the_public_relies_on(
    table: ScoringTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user(Role.QUALITY)
    type(user).objects.filter(pk=user.pk).update(is_demo=False)
    with_totp(user)
    monkeypatch.setattr("certbody.accounts.step_up.EVENTS", frozenset({"bench.noted"}))
    monkeypatch.setattr("certbody.accounts.middleware.SecondFactorMiddleware.__call__", pass_on)
    answer = signed_in(user).post(address(table, "note"), submission())
    assert answer.status_code == 302
    assert "/accounts/2fa/reauthenticate/" in answer["Location"]
    assert happened() == 0


def pass_on(middleware: Any, request: HttpRequest) -> HttpResponseBase:
    return middleware.get_response(request)


def test_the_main_button_is_the_step_that_moves_the_work_on() -> None:
    def offer(
        name: str, *, target: str | None = None, tone: str = "primary", ready: bool = True
    ) -> workflow.Offer:
        step = workflow.Step(
            name=name,
            event=name,
            sources=("a",),
            target=target,
            label=name,
            recorded=name,
            tone=tone,
            allowed=system_only,
        )
        return workflow.Offer(step, "", () if ready else (workflow.Missing("not yet"),))

    first, last = offer("first"), offer("last")
    moving, unready = offer("moving", target="b"), offer("unready", target="b", ready=False)
    danger, quiet = offer("danger", target="b", tone="danger"), offer("quiet", target="b", tone="secondary")
    assert steps_tags._primary([first, moving, last]) is moving
    assert steps_tags._primary([first, moving, last], main=last.step.name) is last
    assert steps_tags._primary([danger, quiet, unready, first, last]) is last
    assert steps_tags._primary([danger, quiet, unready]) is None


def test_item_26_fields_that_the_form_does_not_have_are_ignored_and_logged(
    browser_of_quality: Client, table: ScoringTable, caplog: pytest.LogCaptureFixture
) -> None:
    forged = submission(state="confirmed", content_hash="f" * 64, is_staff="1")
    before = (table.state, table.content_hash)
    assert browser_of_quality.post(address(table, "note"), forged).status_code == 302
    table.refresh_from_db()
    assert (table.state, table.content_hash) == before
    lines: list[Any] = [record.msg for record in caplog.records if record.name == "security"]
    line = next(line for line in lines if line["event"] == "unknown fields ignored")
    assert (line["count"], line["columns"]) == (3, ["content_hash", "state"])


def test_the_fields_of_the_form_are_no_strangers(
    browser_of_quality: Client, table: ScoringTable, caplog: pytest.LogCaptureFixture
) -> None:
    assert browser_of_quality.post(address(table, "note"), submission()).status_code == 302
    assert "unknown fields ignored" not in caplog.text


def test_item_36_other_content_under_a_submission_that_was_used_is_refused_not_lost(
    browser_of_quality: Client, table: ScoringTable
) -> None:
    first = submission(remark="the first text")
    assert browser_of_quality.post(address(table, "note"), first).status_code == 302
    corrected = browser_of_quality.post(address(table, "note"), first | {"remark": "the corrected text"})
    assert corrected.status_code == 409
    assert "sent before with other contents" in corrected.text
    assert "the corrected text" in corrected.text
    assert happened() == 1
    assert browser_of_quality.post(address(table, "note"), first).status_code == 302
    assert happened() == 1
