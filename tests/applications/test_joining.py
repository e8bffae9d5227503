"""Registering by credit code: what is known is joined, what is not of the mainland is told so at once."""

from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from applications.services.organisations import create_organisation
from applications.transitions.joining import ASK, LET_IN
from certbody import clock
from certbody.accounts.credit_code import check_character, is_of_mainland
from certbody.accounts.models import (
    JoinRequest,
    JoinState,
    LegalForm,
    Membership,
    Organisation,
    RoleAssignment,
    User,
)
from certbody.accounts.roles import Role
from certbody.desk.models import Task
from certbody.outbox.sweeper import sweep
from certbody.trail.models import Event
from certbody.workflow import NotAllowed, NotReady, Refused, perform
from tests.applications.conftest import signed_in
from tests.kernel.threads import at_once
from tests.road.applications import organisation_values
from tests.road.people import credit_code, make_organisation, make_user

pytestmark = pytest.mark.django_db
NEW = "/portal/organisations/new/"
JOIN = "/portal/organisations/join/"


@pytest.fixture
def organisation(client_user: User) -> Organisation:
    return make_organisation(client_user)


def code_of_division(division: str) -> str:
    first = f"91{division}0300MA5EXAMPX"[:17]
    return first + check_character(first)


def ask(organisation: Organisation, user: User) -> JoinRequest:
    asked: JoinRequest = perform(ASK, JoinRequest(organisation=organisation, person=user.person), actor=user)
    return asked


def test_the_first_step_asks_for_the_code_alone_and_an_unknown_one_goes_on(client_user):
    browser = signed_in(client_user)
    first = browser.get(NEW).content.decode()
    assert 'name="credit_code"' in first
    assert 'name="headcount"' not in first
    code = credit_code(4711)
    spaced = f" {code[:9].lower()} {code[9:]} "
    second = browser.get(NEW, {"registered_in": "mainland", "credit_code": spaced}).content.decode()
    assert f'value="{code}"' in second
    assert 'name="headcount"' in second
    assert "We certify at present: company." in second
    assert not Organisation.objects.exists(), "a look writes nothing"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Please enter the credit code."),
        ("9144", "has 18 characters"),
        (credit_code(1)[:17] + "I", "does not contain I"),
        (credit_code(1)[:16] + "00", "check character does not fit"),
    ],
)
def test_a_wrong_code_gets_its_sentence_and_stays_in_the_field(client_user, typed, sentence):
    answer = signed_in(client_user).get(NEW, {"registered_in": "mainland", "credit_code": typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert f'value="{typed}"' in page or not typed


@pytest.mark.parametrize("division", ["71", "81", "82"])
def test_a_code_of_hong_kong_macao_or_taiwan_is_refused_with_the_reason(client_user, division):
    code = code_of_division(division)
    assert not is_of_mainland(code)
    answer = signed_in(client_user).get(NEW, {"registered_in": "mainland", "credit_code": code})
    page = answer.content.decode()
    assert "not registered in mainland China" in page
    assert "What you can do" in page
    assert "office@body.example" in page
    with pytest.raises(ValidationError, match="mainland China"):
        create_organisation(actor=client_user, values=organisation_values(credit_code=code))
    posted = signed_in(client_user).post(NEW, organisation_values(credit_code=code))
    assert posted.status_code == 422


def test_whoever_says_elsewhere_is_told_at_once_and_needs_no_code(client_user):
    page = signed_in(client_user).get(NEW, {"registered_in": "elsewhere", "credit_code": "12345"})
    assert page.status_code == 200
    assert "Hong Kong, Macao, Taiwan and foreign registrations" in page.content.decode()


def test_a_legal_form_that_is_not_accepted_is_said_at_the_field(client_user):
    answer = signed_in(client_user).post(NEW, organisation_values(legal_form=LegalForm.SOLE))
    assert answer.status_code == 422
    assert "cannot be certified here at present; accepted: company" in answer.content.decode()
    assert not Organisation.objects.exists()


def test_a_known_code_is_joined_and_the_asker_learns_nothing_of_the_organisation(
    client_user, organisation, stranger
):
    browser = signed_in(stranger)
    page = browser.get(NEW, {"registered_in": "mainland", "credit_code": organisation.credit_code})
    assert page.status_code == 200
    asked = browser.post(JOIN, {"credit_code": organisation.credit_code}, follow=True)
    for text in (page.content.decode(), asked.content.decode()):
        assert organisation.name not in text
        assert client_user.person.name not in text
        assert client_user.email not in text
    request = JoinRequest.objects.get()
    assert (request.person, request.organisation, request.state) == (
        stranger.person,
        organisation,
        JoinState.OPEN,
    )
    task = Task.objects.get(closed_at=None)
    assert task.person == client_user.person
    sweep()
    assert [message.to for message in mail.outbox] == [[client_user.email]]
    assert stranger.person.name not in mail.outbox[0].body
    assert Event.objects.get(name="join_request.sent").data == {
        "organisation": organisation.pk,
        "person": stranger.person_id,
    }
    assert browser.get(f"/portal/organisations/{organisation.pk}/people/").status_code == 404
    assert browser.get(f"/steps/join_request/{request.pk}/let_in/").status_code == 404


def test_an_owner_sees_who_asks_and_lets_in(client_user, organisation, stranger):
    request = ask(organisation, stranger)
    browser = signed_in(client_user)
    page = browser.get(f"/portal/organisations/{organisation.pk}/people/").content.decode()
    assert stranger.person.name in page
    assert stranger.email in page
    answer = browser.post(f"/steps/join_request/{request.pk}/let_in/")
    assert answer["Location"] == f"/portal/organisations/{organisation.pk}/people/"
    assert stranger.organisations.get() == organisation
    assert organisation.memberships.get(person=stranger.person).role == "member"
    assert not Task.objects.filter(closed_at=None).exists()
    assert browser.post(f"/steps/join_request/{request.pk}/decline/").status_code == 409
    sweep()
    assert mail.outbox[-1].to == [stranger.email]


def test_a_declined_request_tells_no_reason_and_cannot_be_repeated_for_a_month(
    client_user, organisation, stranger
):
    request = ask(organisation, stranger)
    assert signed_in(client_user).post(f"/steps/join_request/{request.pk}/decline/").status_code == 302
    assert not stranger.organisations.exists()
    with pytest.raises(NotReady) as refusal:
        ask(organisation, stranger)
    assert "less than 30 days ago" in str(refusal.value.missing[0].sentence)
    with clock.at(clock.now() + timedelta(days=31)):
        assert ask(organisation, stranger).state == JoinState.OPEN


def test_one_person_asks_three_organisations_a_day(stranger):
    for _number in range(3):
        ask(make_organisation(make_user()), stranger)
    answer = signed_in(stranger).post(JOIN, {"credit_code": make_organisation(make_user()).credit_code})
    assert answer.status_code == 409
    assert "try again tomorrow" in answer.content.decode()
    assert JoinRequest.objects.count() == 3


def test_members_and_people_of_the_body_cannot_ask_and_members_cannot_answer(
    client_user, organisation, reviewer, stranger
):
    for user in (client_user, reviewer):
        with pytest.raises(NotAllowed):
            ask(organisation, user)
    member = make_user()
    Membership.objects.create(organisation=organisation, person=member.person, role="member")
    request = ask(organisation, stranger)
    assert signed_in(member).post(f"/steps/join_request/{request.pk}/let_in/").status_code == 404
    with pytest.raises(NotAllowed):
        perform(LET_IN, request, actor=member)
    own = signed_in(client_user).get(
        NEW, {"registered_in": "mainland", "credit_code": organisation.credit_code}
    )
    assert "You act for this organisation already." in own.content.decode()


def test_the_page_that_asks_knows_no_other_method_and_an_unknown_code_begins_anew(client_user, reviewer):
    browser = signed_in(client_user)
    assert browser.get(JOIN).status_code == 405
    assert browser.post(JOIN, {"credit_code": credit_code(815)})["Location"] == NEW
    assert signed_in(reviewer).post(JOIN, {"credit_code": credit_code(815)})["Location"] == "/desk/"


def test_looking_up_codes_is_bounded(client_user, settings):
    settings.CERTBODY_LIMITS = settings.CERTBODY_LIMITS | {"register": 3}
    browser = signed_in(client_user)
    wanted = {"registered_in": "mainland", "credit_code": credit_code(99)}
    assert [browser.get(NEW, wanted).status_code for _look in range(4)] == [200, 200, 200, 429]
    assert browser.post(NEW, organisation_values(credit_code=credit_code(99))).status_code == 429


def test_nobody_is_let_in_who_works_for_the_body_by_now(client_user):
    organisation, asker = make_organisation(client_user), make_user()
    request = ask(organisation, asker)
    RoleAssignment.objects.create(person=asker.person, role=Role.REVIEWER, since=clock.today())
    with pytest.raises(NotReady):
        perform(LET_IN, request, actor=client_user)
    assert not organisation.memberships.filter(person=asker.person).exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_several_requests_at_once_one_is_sent():
    organisation, asker = make_organisation(make_user()), make_user()
    results = at_once([partial(ask, organisation, asker)] * 4)
    assert sum(isinstance(result, JoinRequest) for result in results) == 1
    assert all(isinstance(result, JoinRequest | Refused) for result in results), results
