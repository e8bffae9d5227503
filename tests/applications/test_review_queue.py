"""Who reviews an application: taken over, assigned, listed, and the way to the next one."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.catalogue.sections import desk_url
from applications.models import ReviewAssignment
from applications.queries import review as review_queries
from applications.transitions import ANSWER, ASK, ASSIGN, RESUBMIT, TAKE_OVER
from certbody import clock
from certbody.accounts.models import RoleAssignment
from certbody.accounts.roles import Role
from certbody.desk.models import Task
from certbody.workflow import NotAllowed, NotReady, perform
from tests.applications.conftest import signed_in
from tests.road.applications import accepted_application, submitted_application
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
QUESTION = {"section": "scope", "text": "是否包括网上销售？", "reason": "missing"}


def open_task(application):
    return Task.objects.get(kind="application.review", object_id=str(application.pk), closed_at=None)


def test_who_takes_an_application_over_has_its_task_with_the_same_last_day(client_user, reviewer):
    application = submitted_application(client_user)
    due_on = open_task(application).due_on
    perform(TAKE_OVER, application, actor=reviewer)
    task = open_task(application)
    assert (task.person, task.role, task.due_on) == (reviewer.person, "", due_on)
    event = application.case.events.get(name="application.taken_over")
    assert event.data == {"person": reviewer.person_id, "before": None}


def test_an_application_that_somebody_reviews_is_not_taken_over_but_assigned(client_user, reviewer):
    application, colleague = submitted_application(client_user), make_user(Role.REVIEWER)
    perform(TAKE_OVER, application, actor=reviewer)
    with pytest.raises(NotReady) as refusal:
        perform(TAKE_OVER, application, actor=colleague)
    assert reviewer.person.name in str(refusal.value.missing[0].sentence)
    perform(ASSIGN, application, actor=reviewer, person=colleague.person)
    first, second = application.review_assignments.all()
    assert (first.person, first.ended_at is None) == (reviewer.person, False)
    assert (second.person, second.assigned_by, second.ended_at) == (colleague.person, reviewer.person, None)
    assert open_task(application).person == colleague.person


def test_only_reviewers_in_office_are_assigned_and_nobody_twice(client_user, reviewer, officer):
    application = submitted_application(client_user)
    with pytest.raises(NotReady, match="does not hold the office"):
        perform(ASSIGN, application, actor=reviewer, person=officer.person)
    with pytest.raises(NotAllowed):
        perform(ASSIGN, application, actor=officer, person=reviewer.person)
    perform(ASSIGN, application, actor=reviewer, person=reviewer.person)
    with pytest.raises(NotReady, match="reviews the application already"):
        perform(ASSIGN, application, actor=reviewer, person=reviewer.person)


def test_the_database_knows_one_reviewer_an_application(client_user, reviewer):
    application = submitted_application(client_user)
    perform(TAKE_OVER, application, actor=reviewer)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewAssignment.objects.create(
            application=application, person=reviewer.person, assigned_by=reviewer.person
        )


def test_an_answered_application_comes_back_to_its_reviewer_unless_the_office_ended(client_user, reviewer):
    application = submitted_application(client_user)
    perform(TAKE_OVER, application, actor=reviewer)
    for ends_office in (False, True):
        perform(ASK, application, actor=reviewer, questions=[QUESTION])
        question = application.questions.last()
        perform(ANSWER, application, actor=client_user, question=question.pk, answer="包括")
        if ends_office:
            RoleAssignment.objects.filter(person=reviewer.person).update(
                since=clock.today() - timedelta(days=9), until=clock.today() - timedelta(days=1)
            )
        perform(RESUBMIT, application, actor=client_user)
        task = open_task(application)
        assert (task.person, task.role) == ((None, Role.REVIEWER) if ends_office else (reviewer.person, ""))


@pytest.fixture
def queue(reviewer):
    """Four applications of the reviewer, the first submitted last; the client has the ball in one."""
    made = []
    for days in (3, 2, 1, 0):
        with clock.at(clock.today() - timedelta(days=days)):
            application = submitted_application(make_user())
        perform(TAKE_OVER, application, actor=reviewer)
        made.append(application)
    perform(ASK, made[1], actor=reviewer, questions=[QUESTION])
    return made


def test_the_queue_goes_by_the_last_day_and_leaves_out_what_waits_for_the_client(reviewer, queue):
    oldest, asked, third, last = queue
    assert list(review_queries.queue_of(reviewer)) == [oldest, third, last]
    follow = {
        before: review_queries.next_in_queue(reviewer, before.case.reference)
        for before in (oldest, asked, third, last)
    }
    assert follow == {oldest: third, asked: oldest, third: last, last: oldest}


def test_save_and_next_leads_to_the_next_application(reviewer, queue):
    oldest, _asked, third, _last = queue
    browser = signed_in(reviewer)
    address = reverse("applications:desk_item", args=[oldest.case.reference, "information"])
    given = {"information-verdict": "fulfilled", "then": "next"}
    assert browser.post(address, given)["Location"] == desk_url(third)
    scripted = browser.post(address, given, headers={"HX-Request": "true"})
    assert scripted["HX-Redirect"] == desk_url(third)


def test_the_next_application_is_a_page_for_reading_people_of_the_body(client, client_user, reviewer, queue):
    address = reverse("applications:desk_next")
    browser = signed_in(reviewer)
    assert browser.get(address)["Location"] == desk_url(queue[0])
    assert browser.post(address).status_code == 405
    assert signed_in(client_user).get(address).status_code == 404
    assert client.get(address)["Location"].startswith("/accounts/login/")
    empty = signed_in(make_user(Role.REVIEWER)).get(address, follow=True)
    assert "No other application waits in your queue." in empty.content.decode()


def test_the_list_is_narrowed_to_mine_and_to_what_nobody_has_taken(client_user, reviewer):
    mine, free = submitted_application(client_user), submitted_application(make_user())
    done = accepted_application(make_user())
    perform(TAKE_OVER, mine, actor=reviewer)
    browser, address = signed_in(reviewer), reverse("applications:desk_list")

    def listed(whose):
        page = browser.get(address, {"reviewer": whose}).content.decode()
        return {row for row in (mine, free, done) if row.case.reference in page}

    assert (listed("mine"), listed("unassigned"), listed("all")) == ({mine}, {free}, {mine, free, done})
    assert listed("gossip") == {mine, free, done}
    assert reviewer.person.name in browser.get(address, {"reviewer": "mine"}).content.decode()


def test_the_page_says_who_reviews_and_the_desk_shows_the_queue(client_user, reviewer):
    application = submitted_application(client_user)
    browser = signed_in(reviewer)
    assert "Nobody reviews it yet." in browser.get(desk_url(application)).content.decode()
    assert browser.post(f"/steps/application/{application.pk}/take_over/")["Location"] == desk_url(
        application
    )
    page = browser.get(desk_url(application)).content.decode()
    assert f"Reviewed by {reviewer.person.name}" in page
    assert "/take_over/" not in page
    with CaptureQueriesContext(connection) as queries:
        home = browser.get("/desk/").content.decode()
    assert application.case.organisation.name in home.partition("My application reviews")[2]
    assert len(queries) == 17


def test_assigning_on_the_page_offers_colleagues_only(client_user, reviewer, officer):
    application, colleague = submitted_application(client_user), make_user(Role.REVIEWER, name="王评审")
    perform(TAKE_OVER, application, actor=reviewer)
    address = f"/steps/application/{application.pk}/assign/"
    browser = signed_in(reviewer)
    page = browser.get(address).content.decode()
    assert "王评审" in page
    assert f'value="{reviewer.person_id}"' not in page
    assert browser.post(address, {"person": officer.person_id}).status_code == 422
    assert browser.post(address, {"person": colleague.person_id}).status_code == 302
    assert signed_in(officer).post(address, {"person": colleague.person_id}).status_code == 403
    assert signed_in(make_user()).get(address).status_code == 404
