"""Several people of one organisation: invited, accepted once, role, leaving; strangers learn nothing."""

import re
import threading
from datetime import timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client

from applications.services import members
from certbody import clock
from certbody.accounts.models import Invitation, JoinRequest, Membership, MembershipRole, Organisation, User
from certbody.outbox.models import Job
from certbody.outbox.sweeper import sweep
from certbody.trail.models import Event
from tests.applications.conftest import signed_in
from tests.emptying import without_triggers
from tests.kernel.threads import at_once
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db
BOTH_LOOKED = threading.Barrier(2)
LINK = re.compile(r"/accounts/invitation/([0-9a-f]{64})/")


@pytest.fixture
def organisation(client_user: User) -> Organisation:
    return make_organisation(client_user)


def people(organisation: Organisation) -> str:
    return f"/portal/organisations/{organisation.pk}/people/"


def invited(organisation: Organisation, owner: User, email: str = "new@clients.example") -> Invitation:
    return members.invite(organisation=organisation, email=email, role="member", actor=owner)


def token_in_mail() -> str:
    sweep()
    found = LINK.search(str(mail.outbox[-1].body))
    assert found is not None
    return found.group(1)


def test_an_owner_invites_and_the_mail_holds_a_link_of_which_only_the_hash_is_kept(client_user, organisation):
    answer = signed_in(client_user).post(
        people(organisation), {"email": " New@Clients.Example", "role": "member"}
    )
    assert answer.status_code == 302
    invitation = organisation.invitations.get()
    token = token_in_mail()
    assert mail.outbox[-1].to == ["new@clients.example"]
    assert organisation.name in mail.outbox[-1].subject
    assert invitation.token_hash == members.hash_of(token)
    stored = str([*Invitation.objects.values(), *Event.objects.values(), *Job.objects.values()])
    assert token not in stored
    assert "new@clients.example" not in str([*Event.objects.values()]), "the trail holds ids only"
    assert Event.objects.get(name="invitation.created").data == {
        "organisation": organisation.pk,
        "role": "member",
    }


def test_the_mail_is_written_in_the_language_of_the_invited_account(client_user, organisation):
    make_user(email="wang@clients.example", language="zh-hans")
    invited(organisation, client_user, "wang@clients.example")
    sweep()
    assert "邀请" in mail.outbox[-1].subject


def test_the_link_leads_to_a_page_without_its_secret_and_the_invited_account_accepts_once(
    client_user, organisation
):
    invited(organisation, client_user)
    token = token_in_mail()
    newcomer = make_user(email="new@clients.example")
    browser = signed_in(newcomer)
    opened = browser.get(f"/accounts/invitation/{token}/")
    assert opened["Location"] == "/accounts/invitation/"
    page = browser.get("/accounts/invitation/").content.decode()
    assert organisation.name in page
    assert token not in page
    key = organisation.invitations.get().pk
    accepted = browser.post("/accounts/invitation/", {"invitation": key})
    assert accepted["Location"] == "/portal/"
    assert newcomer.organisations.get() == organisation
    again = browser.post("/accounts/invitation/", {"invitation": key})
    assert again.status_code == 409
    assert organisation.memberships.count() == 2
    assert Event.objects.get(name="membership.begun").actor_user == newcomer


def test_no_log_holds_the_secret_of_a_link_and_guessing_is_bounded(
    client_user, organisation, stranger, caplog, settings
):
    settings.CERTBODY_LIMITS = settings.CERTBODY_LIMITS | {"invitation": 2}
    invited(organisation, client_user)
    token = token_in_mail()
    caplog.set_level("DEBUG")
    answers = []
    for browser in (Client(), signed_in(stranger)):
        assert browser.get(f"/accounts/invitation/{token}/").status_code == 302
        answers += [browser.get("/accounts/invitation/").status_code for _look in range(2)]
    assert answers == [200, 200, 429, 429]
    assert "Too Many Requests" in caplog.text, "refusals are logged, so that the next line proves something"
    assert token not in caplog.text


def test_somebody_signed_out_is_led_to_sign_in_or_sign_up_and_back(client_user, organisation):
    invited(organisation, client_user)
    visitor = Client()
    visitor.get(f"/accounts/invitation/{token_in_mail()}/")
    page = visitor.get("/accounts/invitation/").content.decode()
    assert organisation.name in page
    assert "/accounts/login/?next=/accounts/invitation/" in page
    assert "/accounts/signup/?next=/accounts/invitation/" in page
    assert visitor.post("/accounts/invitation/", {"invitation": 1}).status_code == 404
    newcomer = make_user(email="new@clients.example")
    EmailAddress.objects.create(user=newcomer, email=newcomer.email, verified=True, primary=True)
    login = {"login": newcomer.email, "password": "a-long-password", "next": "/accounts/invitation/"}
    assert visitor.post("/accounts/login/", login)["Location"] == "/accounts/invitation/"
    assert organisation.name in visitor.get("/accounts/invitation/").content.decode()


def test_the_link_in_other_hands_opens_nothing(client_user, organisation, stranger):
    invitation = invited(organisation, client_user)
    browser = signed_in(stranger)
    browser.get(f"/accounts/invitation/{token_in_mail()}/")
    page = browser.get("/accounts/invitation/").content.decode()
    assert "sent to another e-mail address" in page
    assert organisation.name not in page
    assert browser.post("/accounts/invitation/", {"invitation": invitation.pk}).status_code == 409
    with pytest.raises(ValidationError, match="another e-mail address"):
        members.accept(invitation=invitation, actor=stranger)
    assert not stranger.organisations.exists()


@pytest.mark.parametrize("end", ["revoked", "run out", "sent again", "unknown"])
def test_a_link_that_no_longer_counts_says_so_and_lets_nobody_in(client_user, organisation, end):
    invitation = invited(organisation, client_user)
    token = token_in_mail()
    if end == "revoked":
        members.revoke(invitation=invitation, actor=client_user)
    elif end == "sent again":
        members.send_again(invitation=invitation, actor=client_user)
    elif end == "run out":
        Invitation.objects.update(expires_on=clock.today() - timedelta(days=1))
    else:
        token = "0" * 64
    visitor = Client()
    visitor.get(f"/accounts/invitation/{token}/")
    page = visitor.get("/accounts/invitation/").content.decode()
    assert organisation.name not in page
    assert ("No invitation is open here" in page) or ("no longer lets anybody in" in page)
    if end in {"revoked", "run out"}:
        with pytest.raises(ValidationError, match="no longer"):
            members.accept(invitation=invitation, actor=make_user(email=invitation.email))


def test_an_address_is_invited_once_and_again_after_the_first_ran_out(client_user, organisation):
    invited(organisation, client_user)
    with pytest.raises(ValidationError, match="invited already"):
        invited(organisation, client_user, "NEW@clients.example")
    Invitation.objects.update(expires_on=clock.today() - timedelta(days=1))
    assert invited(organisation, client_user).is_open
    with pytest.raises(ValidationError, match="acts for the organisation already"):
        invited(organisation, client_user, client_user.email)


def test_sending_again_makes_a_new_link_and_a_new_last_day(client_user, organisation):
    invitation = invited(organisation, client_user)
    first = token_in_mail()
    Invitation.objects.update(expires_on=clock.today() - timedelta(days=1))
    answer = signed_in(client_user).post(f"{people(organisation)}invitations/{invitation.pk}/again/")
    assert answer.status_code == 302
    assert token_in_mail() != first
    invitation.refresh_from_db()
    assert invitation.is_open


@pytest.mark.parametrize("end", ["membership", "role"])
def test_the_invitations_of_an_owner_end_with_the_office(client_user, organisation, end):
    other = second_member(organisation, MembershipRole.OWNER)
    back_door = invited(organisation, other, "other@private.example")
    kept = invited(organisation, client_user, "kept@clients.example")
    row = organisation.memberships.get(person=other.person)
    if end == "membership":
        members.end_membership(membership=row, actor=client_user)
    else:
        members.change_role(membership=row, role=MembershipRole.MEMBER, actor=client_user)
    with pytest.raises(ValidationError, match="no longer lets anybody in"):
        members.accept(invitation=back_door, actor=make_user(email="other@private.example"))
    members.accept(invitation=kept, actor=make_user(email="kept@clients.example"))
    assert organisation.memberships.filter(ended_at=None).count() == (2 if end == "membership" else 3)


def test_the_mails_of_an_owner_to_strangers_are_bounded(client_user, organisation, monkeypatch):
    monkeypatch.setattr(members, "MOST_A_DAY", 2)
    monkeypatch.setattr(members, "MOST_MAILS", 2)
    first = invited(organisation, client_user, "one@clients.example")
    members.send_again(invitation=first, actor=client_user)
    with pytest.raises(ValidationError, match="was mailed 2 times"):
        members.send_again(invitation=first, actor=client_user)
    members.revoke(invitation=first, actor=client_user)
    invited(organisation, client_user, "two@clients.example")
    with pytest.raises(ValidationError, match="At most 2 invitations a day"):
        invited(organisation, client_user, "three@clients.example")
    with pytest.raises(ValidationError, match="At most 2 invitations a day"):
        invited(make_organisation(client_user), client_user, "three@clients.example")
    with clock.at(clock.now() + timedelta(days=2)):
        invited(organisation, client_user, "three@clients.example")


def test_nobody_of_the_body_is_let_in_as_a_client(client_user, organisation, reviewer):
    invitation = invited(organisation, client_user, reviewer.email)
    with pytest.raises(ValidationError, match="work for the certification body"):
        members.accept(invitation=invitation, actor=reviewer)


def second_member(organisation: Organisation, role: str = MembershipRole.MEMBER) -> User:
    user = make_user()
    Membership.objects.create(organisation=organisation, person=user.person, role=role)
    return user


def test_a_member_sees_the_people_and_changes_nothing(client_user, organisation, stranger):
    invitation = invited(organisation, client_user)
    member = second_member(organisation)
    browser = signed_in(member)
    page = browser.get(people(organisation)).content.decode()
    assert client_user.person.name in page
    assert "Send the invitation" not in page
    assert invitation.email not in page
    own = organisation.memberships.get(person=client_user.person).pk
    for path in ("", f"{own}/role/", f"{own}/end/", f"invitations/{invitation.pk}/again/"):
        assert browser.post(people(organisation) + path, {"role": "member"}).status_code == 403
        assert signed_in(stranger).post(people(organisation) + path).status_code == 404
    assert browser.get(f"{people(organisation)}{own}/end/").status_code == 403
    assert signed_in(stranger).get(people(organisation)).status_code == 404


def test_an_owner_makes_a_member_an_owner_and_then_may_leave(client_user, organisation):
    member = second_member(organisation)
    browser = signed_in(client_user)
    theirs = organisation.memberships.get(person=member.person)
    mine = organisation.memberships.get(person=client_user.person)
    refused = browser.post(f"{people(organisation)}{mine.pk}/end/")
    assert refused.status_code == 409
    assert "make somebody else an owner first" in refused.content.decode()
    assert browser.post(f"{people(organisation)}{mine.pk}/role/", {"role": "member"}).status_code == 409
    assert browser.post(f"{people(organisation)}{theirs.pk}/role/", {"role": "owner"}).status_code == 302
    assert "no longer see anything" in browser.get(f"{people(organisation)}{mine.pk}/end/").content.decode()
    assert browser.post(f"{people(organisation)}{mine.pk}/end/")["Location"] == "/portal/"
    assert browser.get(people(organisation)).status_code == 404
    assert [row.role for row in organisation.memberships.filter(ended_at=None)] == ["owner"]
    names = list(Event.objects.filter(name__startswith="membership.").values_list("name", flat=True))
    assert sorted(names) == ["membership.ended", "membership.role_changed"]
    with pytest.raises(ValidationError, match="ended already"):
        members.end_membership(membership=mine, actor=client_user)


def test_the_page_of_the_people_costs_the_same_for_one_and_for_three(
    client_user, organisation, django_assert_num_queries
):
    browser = signed_in(client_user)
    browser.get(people(organisation))
    costs = []
    for _number in range(2):
        with django_assert_num_queries(11):
            costs.append(browser.get(people(organisation)).status_code)
        for _more in range(2):
            second_member(organisation)
            invited(organisation, client_user, make_user().email)
            JoinRequest.objects.create(organisation=organisation, person=make_user().person)
    assert costs == [200, 200]


def accept_naively(invitation: Invitation, actor: User) -> Membership:
    """Look, then write: what accepting does without the lock on the organisation."""
    fresh = Invitation.objects.get(pk=invitation.pk)
    if fresh.used_at is not None:
        raise ValidationError("used")
    BOTH_LOOKED.wait(5)
    with transaction.atomic():
        Invitation.objects.filter(pk=fresh.pk).update(used_at=clock.now())
        return Membership.objects.create(
            organisation=fresh.organisation, person=actor.person, role=fresh.role, ended_at=clock.now()
        )


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_presses_at_once_one_accepts():
    owner, newcomer = make_user(), make_user(email="new@clients.example")
    organisation = make_organisation(owner)
    invitation = invited(organisation, owner)
    results = at_once([partial(members.accept, invitation=invitation, actor=newcomer)] * 4)
    assert sum(isinstance(result, Membership) for result in results) == 1
    assert all(isinstance(result, Membership | ValidationError) for result in results), results
    assert organisation.memberships.filter(person=newcomer.person).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_presses_accept_one_invitation_twice():
    owner, newcomer = make_user(), make_user(email="new@clients.example")
    organisation = make_organisation(owner)
    invitation = invited(organisation, owner)
    with without_triggers("accounts_invitation"):
        results = at_once([partial(accept_naively, invitation, newcomer)] * 2)
    assert sum(isinstance(result, Membership) for result in results) == 2, results


def test_a_double_click_sends_an_invitation_s_mail_again_once(client_user, organisation):
    invitation = invited(organisation, client_user)
    browser, page = signed_in(client_user), people(organisation)
    [(_shown, submission)] = browser.get(page).context["invitations"]
    again = f"{page}invitations/{invitation.pk}/again/"
    answers = [browser.post(again, {"submission": submission}).status_code for _press in range(2)]
    assert answers == [302, 302]
    invitation.refresh_from_db()
    assert invitation.mails == 2


def test_an_owner_who_was_sent_away_does_nothing_more_on_pages_that_are_still_open(client_user, organisation):
    """What the pages asked before the lock is asked again behind it: here they are passed by altogether."""
    other, member = make_user(), make_user()
    mine = Membership.objects.create(organisation=organisation, person=other.person, role="owner")
    theirs = Membership.objects.create(organisation=organisation, person=member.person, role="member")
    open_one = invited(organisation, client_user)
    members.end_membership(membership=mine, actor=client_user)
    for act in (
        partial(invited, organisation, other, "back@clients.example"),
        partial(members.send_again, invitation=open_one, actor=other),
        partial(members.revoke, invitation=open_one, actor=other),
        partial(members.change_role, membership=theirs, role="owner", actor=other),
        partial(members.end_membership, membership=theirs, actor=other),
    ):
        with pytest.raises(ValidationError, match="you are none any more"):
            act()
    assert list(organisation.invitations.filter(revoked_at=None)) == [open_one]
    assert organisation.memberships.filter(ended_at=None).count() == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one_behind():
    first, second = make_user(), make_user()
    organisation = make_organisation(first)
    Membership.objects.create(organisation=organisation, person=second.person, role="owner")
    rows = list(organisation.memberships.all())
    at_once([partial(members.end_membership, membership=row, actor=first) for row in rows])
    assert organisation.memberships.filter(ended_at=None, role="owner").count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_owners_leave_nobody_behind():
    first, second = make_user(), make_user()
    organisation = make_organisation(first)
    Membership.objects.create(organisation=organisation, person=second.person, role="owner")
    rows = list(organisation.memberships.all())
    both_looked = threading.Barrier(2)

    def leave_naively(row: Membership) -> None:
        others = organisation.memberships.filter(role="owner", ended_at=None).exclude(pk=row.pk)
        if others.exists():
            both_looked.wait(5)
            Membership.objects.filter(pk=row.pk).update(ended_at=clock.now())

    with without_triggers("accounts_membership"):
        at_once([partial(leave_naively, row) for row in rows])
    assert organisation.memberships.filter(ended_at=None).count() == 0
