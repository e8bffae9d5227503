"""A code that somebody else registered does not lock its true owner out: the body hands the organisation over."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.services import members
from applications.services.handing_over import Ground, hand_over
from certbody import clock
from certbody.accounts.models import JoinRequest, Membership, User
from certbody.accounts.roles import Role
from certbody.desk.models import Task
from certbody.outbox.models import Message
from certbody.trail.models import Event
from certbody.workflow import NotAllowed, NotReady, perform, table
from tests.applications.conftest import signed_in
from tests.road.applications import begun_application, submitted_application
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db: None) -> User:
    """The true owner: an account that has signed in, and nothing more."""
    user = make_user(email="true@clients.example")
    signed_in(user)
    return user


@pytest.fixture
def squatted(client_user: User):
    return begun_application(client_user).case.organisation


@pytest.fixture
def head(db: None) -> User:
    return make_user(Role.HEAD)


def page_of(organisation) -> str:
    return reverse("applications:desk_hand_over", args=[organisation.pk])


def given(**changes: str) -> dict[str, str]:
    day = clock.today().isoformat()
    return {"email": "True@clients.example", "ground": "registered_by_others", "seen_on": day} | changes


def test_the_review_hands_a_squatted_organisation_over_and_the_squatter_keeps_nothing(
    squatted, owner, client_user, reviewer
):
    colleague = make_user(email="colleague@clients.example")
    Membership.objects.create(organisation=squatted, person=colleague.person, role="member")
    invitation = members.invite(
        organisation=squatted, email="third@clients.example", role="owner", actor=client_user
    )
    browser = signed_in(reviewer)
    assert page_of(squatted) in browser.get(f"/desk/organisations/{squatted.pk}/").text
    answer = browser.post(page_of(squatted), given())
    assert answer["Location"] == f"/desk/organisations/{squatted.pk}/"
    open_ones = squatted.memberships.filter(ended_at=None)
    assert [(row.person, row.role) for row in open_ones] == [(owner.person, "owner")]
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None
    for gone in (client_user, colleague):
        assert signed_in(gone).get(f"/portal/organisations/{squatted.pk}/").status_code == 404
    assert signed_in(owner).get(f"/portal/organisations/{squatted.pk}/").status_code == 200
    event = Event.objects.get(name="organisation.handed_over")
    assert event.actor_user == reviewer
    assert (event.data["person"], event.data["ground"]) == (owner.person_id, "registered_by_others")
    assert "clients.example" not in str(event.data)
    told = Message.objects.filter(kind="organisation.handed_over").values_list("recipient", flat=True)
    assert sorted(told) == sorted([owner.email, client_user.email, colleague.email])


def test_pressed_twice_it_is_done_once(squatted, owner, reviewer):
    browser = signed_in(reviewer)
    sent = given(submission="0b9f3f6e-2f4e-4a51-9d0e-6f9f1b7a1c77")
    assert [browser.post(page_of(squatted), sent).status_code for _press in range(2)] == [302, 302]
    assert Event.objects.filter(name="organisation.handed_over").count() == 1
    again = browser.post(page_of(squatted), given())
    assert again.status_code == 409
    assert "the only one who acts" in again.text


def test_papers_of_a_submitted_application_change_hands_by_the_head_alone(client_user, owner, reviewer, head):
    organisation = submitted_application(client_user).case.organisation
    page = signed_in(reviewer).get(page_of(organisation))
    assert page.status_code == 403
    assert "Only the head does that." in page.text
    assert signed_in(reviewer).post(page_of(organisation), given()).status_code == 403
    facts = {"organisation": organisation, "email": owner.email, "ground": Ground.NOBODY_LEFT}
    with pytest.raises(NotAllowed, match="Only the head"):
        hand_over(**facts, seen_on=clock.today(), actor=reviewer)
    assert organisation.memberships.get(ended_at=None).person == client_user.person
    assert signed_in(head).post(page_of(organisation), given(ground="nobody_left")).status_code == 302
    assert organisation.memberships.get(ended_at=None).person == owner.person


def test_nobody_gets_it_who_has_not_confirmed_an_address_or_works_for_the_body(squatted, reviewer, head):
    make_user(email="never@clients.example")  # has never signed in
    signed_in(make_user(Role.AUDITOR, email="auditor@body.example"))
    browser = signed_in(reviewer)
    for email in ("never@clients.example", "auditor@body.example", "nobody@clients.example"):
        refused = browser.post(page_of(squatted), given(email=email))
        assert refused.status_code == 422
        assert "No client has signed in with this address." in refused.text
        with pytest.raises(NotReady):
            hand_over(
                organisation=squatted, email=email, ground="nobody_left", seen_on=clock.today(), actor=head
            )
    ahead = (clock.today() + timedelta(days=1)).isoformat()
    assert browser.post(page_of(squatted), given(seen_on=ahead)).status_code == 422


def test_other_people_of_the_body_and_clients_hand_nothing_over(
    squatted, owner, officer, auditor, client_user
):
    assert signed_in(officer).get(page_of(squatted)).status_code == 403
    assert signed_in(officer).post(page_of(squatted), given()).status_code == 403
    for user in (auditor, client_user, owner):
        assert signed_in(user).post(page_of(squatted), given()).status_code == 404
    assert squatted.memberships.get(ended_at=None).person == client_user.person
    assert page_of(squatted) not in signed_in(officer).get(f"/desk/organisations/{squatted.pk}/").text


def test_requests_that_nobody_answered_wait_for_the_new_owner(squatted, owner, stranger, client_user, head):
    wish = JoinRequest(organisation=squatted, person=stranger.person)
    perform(table("join_request").step("ask"), wish, actor=stranger)
    hand_over(
        organisation=squatted, email=owner.email, ground="nobody_left", seen_on=clock.today(), actor=head
    )
    waiting = Task.objects.filter(kind=members.JOIN_TASK, closed_at=None)
    assert [task.person for task in waiting] == [owner.person]


def test_a_member_of_the_organisation_becomes_its_owner(client_user, owner, head):
    organisation = make_organisation(client_user)
    Membership.objects.create(organisation=organisation, person=owner.person, role="member")
    hand_over(
        organisation=organisation, email=owner.email, ground="nobody_left", seen_on=clock.today(), actor=head
    )
    left = organisation.memberships.get(ended_at=None)
    assert (left.person, left.role) == (owner.person, "owner")
