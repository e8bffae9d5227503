"""To whom an administrator may give which office: never to himself, never two powers in one hand."""

from datetime import timedelta

import pytest
from django.test import Client

from certbody import clock
from certbody.accounts.models import Authorisation, Person, RoleAssignment, User
from certbody.accounts.roles import KNOWN_BY_IDENTITY, Role
from tests.accounts.doors import known_person
from tests.road.people import make_person, make_user

pytestmark = pytest.mark.django_db

ADD = "/admin/accounts/roleassignment/add/"
OFFICES = [role for role in Role if role != Role.ADMINISTRATOR]


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_user(Role.ADMINISTRATOR, email="admin@example.org")
    client.force_login(user)
    return user


def give(client: Client, person: Person, role: Role, **days: str) -> tuple[int, str]:
    form = {"person": person.pk, "role": role, "since": str(clock.today()), **days}
    answer = client.post(ADD, form)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("role", OFFICES)
def test_an_administrator_gives_himself_no_office(client: Client, administrator: User, role: Role) -> None:
    person = administrator.person
    person.identity_fingerprint = "f" * 64
    person.save()
    status, text = give(client, person, role)
    assert (status, "Nobody gives a role to himself" in text) == (200, True)
    assert administrator.person.role_assignments.count() == 1


def test_an_administrator_does_not_prolong_the_own_role_but_can_give_it_up(
    client: Client, administrator: User
) -> None:
    row, today = administrator.person.role_assignments.get(), clock.today()
    path = f"/admin/accounts/roleassignment/{row.pk}/change/"
    RoleAssignment.objects.filter(pk=row.pk).update(until=today + timedelta(days=3))
    assert client.post(path, {"until": ""}).status_code == 200
    assert client.post(path, {"until": str(today + timedelta(days=9))}).status_code == 200
    assert client.post(path, {"until": str(today + timedelta(days=3))}).status_code == 302
    assert client.post(path, {"until": str(today)}).status_code == 302
    row.refresh_from_db()
    assert row.until == today


@pytest.mark.parametrize("role", OFFICES)
def test_another_administrator_holds_no_other_office(client: Client, administrator: User, role: Role) -> None:
    colleague = known_person()
    assert give(client, colleague, Role.ADMINISTRATOR)[0] == 302
    status, text = give(client, colleague, role)
    assert (status, "is an administrator in these days" in text) == (200, True)


def test_a_holder_of_another_office_does_not_become_administrator(
    client: Client, administrator: User
) -> None:
    head = known_person()
    assert give(client, head, Role.HEAD)[0] == 302
    status, text = give(client, head, Role.ADMINISTRATOR)
    assert (status, "holds another office" in text) == (200, True)


def test_who_is_authorised_to_sign_does_not_become_administrator(client: Client, administrator: User) -> None:
    delegate, today = known_person(), clock.today()
    Authorisation.objects.create(person=delegate, kind="sign", since=today, until=today, reference="1")
    assert give(client, delegate, Role.ADMINISTRATOR)[0] == 200


def test_an_office_may_follow_an_administration_that_has_ended(client: Client, administrator: User) -> None:
    person, today = known_person(), clock.today()
    assert give(client, person, Role.ADMINISTRATOR, until=str(today))[0] == 302
    assert give(client, person, Role.CHAIR, since=str(today))[0] == 200
    assert give(client, person, Role.CHAIR, since=str(today + timedelta(days=1)))[0] == 302


def test_an_ended_office_is_not_prolonged_into_an_administration(client: Client, administrator: User) -> None:
    person, today = known_person(), clock.today()
    earlier = today - timedelta(days=5)
    row = RoleAssignment.objects.create(person=person, role=Role.HEAD, since=earlier, until=earlier)
    assert give(client, person, Role.ADMINISTRATOR)[0] == 302
    path = f"/admin/accounts/roleassignment/{row.pk}/change/"
    assert client.post(path, {"until": ""}).status_code == 200
    row.refresh_from_db()
    assert row.until == earlier


@pytest.mark.parametrize("role", OFFICES)
def test_whoever_evaluates_reviews_votes_or_signs_is_known_by_an_identity_number(
    client: Client, administrator: User, role: Role
) -> None:
    status, text = give(client, make_person(), role)
    needs_it = role in KNOWN_BY_IDENTITY
    assert (status, "identity-document number of this person is not recorded" in text) == (
        200 if needs_it else 302,
        needs_it,
    )
