"""Return reasons and the end of an application by the body: counted, explained, and open to appeal."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from applications.models import Declination
from applications.queries import review as review_queries
from applications.transitions import ASK, DECLINE
from certbody import clock
from certbody.accounts.roles import Role
from certbody.body.models import BodySetting
from certbody.outbox.sweeper import sweep
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import submitted_application
from tests.road.people import make_person, make_user

pytestmark = pytest.mark.django_db


def appeal_within(days):
    BodySetting.objects.create(key="appeal_days", value=days, source="test", set_by=make_person())


@pytest.fixture
def declined(client_user, reviewer):
    appeal_within(20)
    application = submitted_application(client_user)
    return perform(DECLINE, application, actor=reviewer, code="outside_fields", reason="超出本机构批准的领域")


def test_the_days_to_appeal_are_those_of_the_day_of_the_decision(declined):
    appeal_within(5)
    row = declined.declination
    assert (row.code, row.appeal_days, row.appeal_until) == (
        Declination.Code.OUTSIDE_FIELDS,
        20,
        clock.today() + timedelta(days=20),
    )
    event = declined.case.events.get(name="application.declined")
    assert event.data["code"] == "outside_fields"
    assert "超出" not in str(event.data)


def test_an_application_is_declined_once(declined, reviewer):
    with pytest.raises(IntegrityError), transaction.atomic():
        Declination.objects.create(
            application=declined, code="other", appeal_days=1, appeal_until=clock.today(),
            person=reviewer.person,
        )  # fmt: skip


def test_the_client_reads_reason_and_right_to_appeal_in_mail_and_portal(declined, client_user):
    sweep()
    letter = next(one for one in mail.outbox if client_user.email in one.to and "not accepted" in one.subject)
    page = signed_in(client_user).get(f"/portal/applications/{declined.case.reference}/").content.decode()
    until = (clock.today() + timedelta(days=20)).isoformat()
    for text in (letter.body, page):
        assert "超出本机构批准的领域" in text
        assert "within 20 days" in text
        assert until in text
        assert "office@body.example" in text
        assert "took no part" in text
    assert "you can apply again" in page
    assert "outside the approved fields" not in page


def test_the_page_restates_what_declining_does_and_in_which_language_it_is_read(client_user, reviewer):
    application = submitted_application(client_user)
    address = f"/steps/application/{application.pk}/decline/"
    page = signed_in(reviewer).get(address).content.decode()
    assert "appeal within 30 days" in page
    assert "This case ends" in page
    assert "in this language: English" in page


def test_the_desk_shows_code_and_last_day_to_appeal(declined, reviewer):
    page = signed_in(reviewer).get(f"/desk/applications/{declined.case.reference}/").content.decode()
    assert "outside the approved fields of the body" in page
    assert "appeal possible until" in page


def test_each_question_has_a_reason_that_is_counted_and_not_told(client_user, reviewer):
    application = submitted_application(client_user)
    address = f"/steps/application/{application.pk}/ask/"
    given = {"text": "手册第三页无法辨认。", "section": "scope", "document": "manual", "reason": ""}
    browser = signed_in(reviewer)
    refused = browser.post(address, given)
    assert refused.status_code == 422
    assert "choose why this is asked" in refused.content.decode()
    assert "手册第三页无法辨认。" in refused.content.decode()
    assert browser.post(address, given | {"reason": "unreadable"}).status_code == 302
    question = application.questions.get()
    assert (question.section, question.document, question.reason) == ("documents", "manual", "unreadable")
    assert review_queries.return_reasons() == [("documents", "unreadable", 1)]
    page = signed_in(client_user).get(f"/portal/applications/{application.case.reference}/").content.decode()
    assert "手册第三页无法辨认。" in page
    assert "unreadable" not in page


def test_the_statistics_go_back_one_year_and_are_for_those_who_improve_the_forms(client_user, reviewer):
    question = {"section": "sites", "text": "缺少门牌号。", "reason": "missing"}
    with clock.at(clock.today() - timedelta(days=366)):
        earlier = make_user(Role.REVIEWER)
        perform(ASK, submitted_application(client_user), actor=earlier, questions=[question])
    assert review_queries.return_reasons() == []
    perform(ASK, submitted_application(make_user()), actor=reviewer, questions=[question, question])
    assert review_queries.return_reasons() == [("sites", "missing", 2)]
    title = "Why applications went back"
    assert title in signed_in(make_user(Role.QUALITY)).get("/desk/").content.decode()
    assert title not in signed_in(make_user(Role.FINANCE)).get("/desk/").content.decode()
