"""Each thing that must be known stands once in its log: steps in the trail, the rest in the security log (item 50)."""

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from audits.models import ScoreOperation
from certbody import clock
from certbody.accounts import identity
from certbody.accounts.models import Person, User
from certbody.accounts.roles import Role
from certbody.trail.models import Event, EventContext
from certificates.models import Ballot
from certificates.states import WITHDRAWAL_GROUNDS
from tests.accounts.doors import PASSWORD, SECRET, Clockwork, SecurityLog, make_account, sign_in, with_totp
from tests.matrix.whole_road import issued_certificate
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db

CODE_PAGE = "/accounts/2fa/authenticate/"
NUMBER = "11010519491231002X"
ADDRESS = "192.0.2.5"
IDENTITY_NUMBER = re.compile(r"\d{17}[\dXx]")

# what one whole road leaves in the trail; how often where it is more than once
ONCE = (
    "application.document_attached", "application.item_reviewed",
    "organisation.created", "application.begun", "application.site_saved", "application.submitted",
    "application.accepted", "contract.drafted", "contract.offered", "contract.printed", "contract.accepted",
    "audit.opened", "audit.planned", "audit.proposed", "audit.confirmed", "audit.plan_reported",
    "audit.stage1_begun", "audit.document_judged", "audit.stage1_ready", "audit.stage2_begun",
    "audit.sheet_closed", "audit.closed", "finding.raised", "finding.answered", "finding.verified",
    "report.begun", "report.written", "report.signed_off", "report.pdf_made", "report.released",
    "panel.opened", "panel.closed", "decision.taken", "decision.signed",
    "edition.reserved", "edition.issued", "certificate.reserved", "certificate.issued",
)  # fmt: skip
OFTEN = {
    "application.saved": 3,
    "audit.appointed": 2,
    "panel.voted": 3,
    "edition.document_filed": 2,
}
BY_THE_SYSTEM = {
    "contract.printed",
    "report.pdf_made",
    "audit.closed",
    "decision.taken",
    "edition.reserved",
    "edition.document_filed",
    "edition.issued",
    "certificate.issued",
}


def test_item_50_a_whole_road_leaves_each_of_its_steps_in_the_trail_once(security_log: SecurityLog) -> None:
    certificate = issued_certificate()
    Person.objects.filter(pk=certificate.decision.signed_by_id).update(identity_sealed=identity.seal(NUMBER))
    events = list(Event.objects.order_by("sequence"))
    assert Counter(event.name for event in events) == Counter(dict.fromkeys(ONCE, 1) | OFTEN)
    assert {event.name for event in events if event.actor_user_id is None} == BY_THE_SYSTEM
    assert all(event.object_id and event.object_type for event in events)
    assert {event.case_id for event in events if event.name != "organisation.created"} == {
        certificate.case_id
    }
    assert Ballot.objects.count() == OFTEN["panel.voted"]
    marks = ScoreOperation.objects.filter(audit=certificate.case.audit)
    assert {(mark.person_id is not None, mark.at <= clock.now()) for mark in marks} == {(True, True)}
    closed = next(event for event in events if event.name == "audit.sheet_closed")
    assert closed.data["operations"] == len(marks)
    written = str([event.data for event in events]) + security_log.text
    written = written.replace(
        certificate.organisation.credit_code, ""
    )  # public, and as long as an identity number
    assert not IDENTITY_NUMBER.search(re.sub(r"[0-9a-f]{32,}", "", written))
    for secret in (PASSWORD, "王伟", "李娜", "0755-12345678", "contact@example.org"):
        assert secret not in written, secret


def visitor(user: User, periods: Clockwork | None = None) -> Client:
    user.is_demo = periods is None
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    browser = Client(REMOTE_ADDR=ADDRESS)
    sign_in(browser, user.email)
    if periods is not None:
        with_totp(user)
        browser.post("/accounts/logout/")
        sign_in(browser, user.email)
        browser.post(CODE_PAGE, {"code": "000000"})
        browser.post(CODE_PAGE, {"code": periods.code()})
    return browser


def is_whole(line: dict[str, Any], user: User, result: str, *roles: str) -> bool:
    moment = datetime.fromisoformat(line["timestamp"])
    return (
        (line["user"], line["roles"], line["address"], line["result"])
        == (user.pk, sorted(roles), ADDRESS, result)
        and moment.utcoffset() == UTC.utcoffset(None)
        and abs((datetime.now(UTC) - moment).total_seconds()) < 600
    )


def test_item_50_a_day_of_sign_ins_views_and_refusals_stands_line_by_line_in_the_security_log(
    periods: Clockwork, security_log: SecurityLog
) -> None:
    certificate = issued_certificate()
    case = certificate.case
    owner = User.objects.get(person__memberships__organisation=case.organisation)
    stranger, head, reviewer = make_user(), make_user(Role.HEAD), make_user(Role.REVIEWER)
    make_organisation(stranger)
    secretary = make_user(Role.SECRETARY)
    file = case.contracts.get().pdf_id

    at_owner, at_stranger, at_reviewer = visitor(owner), visitor(stranger), visitor(reviewer)
    at_secretary = visitor(secretary)
    at_head = visitor(head, periods)
    assert at_owner.get(f"/files/{file}/").status_code == 200
    assert at_stranger.get(f"/files/{file}/").status_code == 404
    assert at_stranger.get(f"/portal/cases/{case.reference}/").status_code == 404
    assert at_stranger.get("/desk/").status_code == 404
    assert at_reviewer.get("/desk/people/").status_code in {200, 403}
    assert at_reviewer.get("/admin/").status_code == 403
    withdraw = f"/steps/certificate/{certificate.pk}/withdraw/"
    for form in ({"ground": "no_such_ground"}, {"ground": WITHDRAWAL_GROUNDS[0].value, "reason": "No."}):
        assert at_secretary.post(withdraw, form).status_code == 403
    certificate.refresh_from_db()
    assert certificate.state == "valid"
    assert at_head.get("/nothing/at/all/").status_code == 404

    (view,) = security_log.lines("file viewed")
    assert is_whole(view, owner, "ok")
    assert (view["object_type"], view["object_id"]) == ("files.storedfile", str(file))
    refused = [
        (line["path"], line["code"])
        for line in security_log.lines("page refused")
        if line["user"] == stranger.pk
    ]
    assert refused == [
        (f"/files/{file}/", "not_found"),
        (f"/portal/cases/{case.reference}/", "not_found"),
        ("/desk/", "not_found"),
    ]
    assert all(is_whole(line, stranger, "refused") for line in security_log.lines("page refused")[:3])
    (admin,) = [line for line in security_log.lines("page refused") if line["path"] == "/admin/"]
    assert is_whole(admin, reviewer, "refused", "reviewer")
    assert admin["code"] == "permission"
    assert not [line for line in security_log.lines("page refused") if line["user"] == head.pk]
    steps = security_log.lines("step refused")
    assert all(is_whole(line, secretary, "refused", "secretary") for line in steps)
    assert [(line["step"], line["code"], line["object_id"]) for line in steps] == [
        ("certificate.withdrawn", "permission", str(certificate.pk))
    ] * 2
    assert not [line for line in security_log.lines("page refused") if line["user"] == secretary.pk]
    (code,) = security_log.lines("second factor refused")
    assert is_whole(code, head, "refused", "head")
    assert Counter(line["user"] for line in security_log.lines("signed in")) == {
        owner.pk: 1, stranger.pk: 1, reviewer.pk: 1, secretary.pk: 1, head.pk: 2,
    }  # fmt: skip
    for secret in (PASSWORD, SECRET, periods.code(), "000000", owner.email, case.organisation.contact_phone):
        assert secret not in security_log.text, secret
    assert not IDENTITY_NUMBER.search(re.sub(r"[0-9a-f-]{32,}", "", security_log.text))


def test_item_50_a_changed_setting_stands_in_both_logs_without_its_value(
    client: Client, security_log: SecurityLog, django_capture_on_commit_callbacks: Any
) -> None:
    head = make_user(Role.HEAD)
    client.force_login(head)
    form = {"value": "北京新名认证有限公司", "source": "Board, 3/2026", "valid_from": str(clock.today())}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/desk/settings/body_name/", form, REMOTE_ADDR=ADDRESS).status_code == 302
    (event,) = Event.objects.filter(name="setting.changed")
    assert (event.actor_user, event.data["key"]) == (head, "body_name")
    assert EventContext.objects.get(event=event).address == ADDRESS
    assert "新名" not in str(event.data)
    (line,) = security_log.lines("setting.changed")
    assert line["address"] == ADDRESS
    assert (line["user"], line["roles"], line["object_id"]) == (head.pk, ["head"], event.object_id)
    assert "新名" not in security_log.text


def test_item_50_every_sign_in_refusal_and_sign_out_stands_once_in_the_security_log(
    client: Client, security_log: SecurityLog
) -> None:
    user = make_account(Role.REVIEWER, email="staff@example.org", is_demo=True)
    sign_in(client, "staff@example.org", "not-this-one", REMOTE_ADDR=ADDRESS)
    sign_in(client, "staff@example.org", REMOTE_ADDR=ADDRESS)
    client.post("/accounts/logout/", REMOTE_ADDR=ADDRESS)
    for event, result in (("sign-in refused", "refused"), ("signed in", "ok"), ("signed out", "ok")):
        (line,) = security_log.lines(event)
        assert is_whole(line, user, result, "reviewer"), event
    assert "not-this-one" not in security_log.text
    assert PASSWORD not in security_log.text


def test_item_50_what_was_typed_for_an_unknown_account_is_not_written_down(
    client: Client, security_log: SecurityLog
) -> None:
    sign_in(client, "my-password-in-the-wrong-field@example.org", "wrong")
    (line,) = security_log.lines("sign-in refused")
    assert line["user"] is None
    assert "wrong-field" not in security_log.text


def test_item_50_a_line_break_in_what_is_logged_begins_no_new_line(
    client: Client, security_log: SecurityLog
) -> None:
    client.force_login(make_user())
    client.get('/portal/cases/x%0A{"event": "signed in"}/', headers={"user-agent": "a\\n{}"})
    (line,) = security_log.lines("page refused")
    assert "\n" in line["path"]
    assert security_log.lines("signed in")[1:] == []
