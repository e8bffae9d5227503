"""Written authorisations: the head gives and ends them, everybody else reads at most, the trail knows."""

from datetime import timedelta

import pytest
from django.test import Client

from certbody import clock, workflow
from certbody.accounts.models import Authorisation, Person, User
from certbody.accounts.roles import Role
from certbody.body import authorisations
from certbody.trail.models import Event
from certbody.trail.verify import chain
from tests.road.people import make_user

pytestmark = pytest.mark.django_db

PAGE = "/desk/authorisations/"
TOO_LITTLE = [role for role in Role if role != Role.HEAD]


@pytest.fixture
def deputy() -> Person:
    person = make_user(Role.CERTIFICATES, name="孙副总").person
    person.identity_fingerprint = "d" * 64
    person.save()
    return person


def form(person: Person, **changes: str) -> dict[str, str]:
    today = clock.today()
    days = {"since": str(today), "until": str(today + timedelta(days=30))}
    return {"person": str(person.pk), "kind": "sign", "reference": "2026-07", **days, **changes}


def given(person: Person, *, days: int = 30) -> Authorisation:
    today = clock.today()
    return Authorisation.objects.create(
        person=person, kind="sign", since=today, until=today + timedelta(days=days), reference="1"
    )


def test_the_head_authorises_a_colleague_once_and_the_trail_knows(
    client: Client, head: User, deputy: Person
) -> None:
    client.force_login(head)
    values = form(deputy, submission="6f1c1c52-54a7-4b8a-9b0a-0c2f8cf6a222")
    assert [client.post(PAGE, values)["Location"] for _click in range(2)] == [PAGE, PAGE]
    row = Authorisation.objects.get()
    (event,) = Event.objects.all()
    assert (event.name, event.object_id, event.actor_user) == ("person.authorised", str(deputy.pk), head)
    assert event.data["authorisation"] == row.pk
    assert "2026-07" not in str(event.data)
    content = client.get(PAGE).content.decode()
    assert "孙副总" in content
    assert "in force" in content
    assert list(chain()) == []


@pytest.mark.parametrize("role", TOO_LITTLE)
def test_nobody_else_authorises_or_ends(client: Client, deputy: Person, role: Role) -> None:
    row, other = given(deputy), make_user(role)
    client.force_login(other)
    assert client.post(PAGE, form(deputy)).status_code == 403
    assert client.post(f"{PAGE}{row.pk}/end/", {"until": str(clock.today())}).status_code == 403
    with pytest.raises(workflow.NotAllowed):
        authorisations.end(row, actor=other, last_day=clock.today())
    assert not Event.objects.exists()


def test_the_head_does_not_authorise_himself(client: Client, head: User) -> None:
    head.person.identity_fingerprint = "a" * 64
    head.person.save()
    client.force_login(head)
    assert client.post(PAGE, form(head.person)).status_code == 422
    with pytest.raises(workflow.NotReady) as refusal:
        authorisations.authorise(
            person=head.person,
            kind="sign",
            since=clock.today(),
            until=clock.today(),
            reference="1",
            actor=head,
        )
    assert "Nobody authorises himself" in str(refusal.value.missing[0].sentence)


def test_a_person_without_an_identity_number_is_not_authorised(client: Client, head: User) -> None:
    client.force_login(head)
    answer = client.post(PAGE, form(make_user(Role.CERTIFICATES).person))
    assert answer.status_code == 422
    assert "identity-document number of this person is not recorded" in answer.content.decode()


def test_an_administrator_is_not_authorised(client: Client, head: User) -> None:
    administrator = make_user(Role.ADMINISTRATOR, Role.CERTIFICATES).person
    administrator.identity_fingerprint = "b" * 64
    administrator.save()
    client.force_login(head)
    answer = client.post(PAGE, form(administrator))
    assert "is an administrator in these days" in answer.content.decode()
    assert not Authorisation.objects.exists()


def test_an_authorisation_does_not_end_before_it_begins(client: Client, head: User, deputy: Person) -> None:
    client.force_login(head)
    yesterday = str(clock.today() - timedelta(days=1))
    assert client.post(PAGE, form(deputy, until=yesterday)).status_code == 422
    assert not Authorisation.objects.exists()


def test_the_head_ends_an_authorisation_and_the_trail_knows(
    client: Client, head: User, deputy: Person
) -> None:
    row, today = given(deputy), clock.today()
    client.force_login(head)
    assert client.post(f"{PAGE}{row.pk}/end/", {"until": str(today)})["Location"] == PAGE
    row.refresh_from_db()
    assert row.until == today
    (event,) = Event.objects.all()
    assert (event.name, event.data["until"]) == ("person.authorisation_ended", str(today))
    assert client.post(f"{PAGE}{row.pk}/end/", {"until": str(today)}).status_code == 409


@pytest.mark.parametrize("shift", [-1, 30, 31])
def test_an_authorisation_ends_neither_in_the_past_nor_later_than_it_would(
    head: User, deputy: Person, shift: int
) -> None:
    row = given(deputy)
    with pytest.raises(workflow.WrongState):
        authorisations.end(row, actor=head, last_day=clock.today() + timedelta(days=shift))
    assert not Event.objects.exists()


def test_readers_see_no_form_and_an_ending_needs_a_day(client: Client, head: User, deputy: Person) -> None:
    row = given(deputy)
    client.force_login(head)
    assert client.post(f"{PAGE}{row.pk}/end/").status_code == 422
    for role in (Role.QUALITY, Role.INSPECTOR):
        client.force_login(make_user(role))
        assert b'<form method="post" action="/desk/authorisations' not in client.get(PAGE).content
