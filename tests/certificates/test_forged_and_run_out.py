"""What the desk answers to a forged choice of members, and where it lists a certificate that has run out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from tests.road.certificates import committee, issued_certificate, released_case
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_member_number_that_no_database_can_hold_is_refused_in_words() -> None:
    released = released_case()
    url = reverse("panel_open", args=[released.case.reference])
    motion = {"motion": released.report.audit.grade, "reasons": "符合标准要求。", "members": [10**30]}
    answer = signed_in(make_user(Role.SECRETARY)).post(url, motion)
    assert answer.status_code == 422
    assert str(10**30) in answer.text
    known = [str(member.person_id) for member in committee()]
    motion["members"] = known[0]
    assert str(10**30) not in signed_in(make_user(Role.SECRETARY)).post(url, motion).text


def test_a_certificate_that_has_run_out_is_listed_as_expired_and_no_longer_as_valid() -> None:
    issued = issued_certificate()
    officer = signed_in(make_user(Role.CERTIFICATES))

    def listed(state: str) -> bool:
        return issued.number in officer.get(reverse("certificates"), {"state": state}).text

    assert (listed("valid"), listed("expired")) == (True, False)
    with clock.at(clock.now() + timedelta(days=3 * 366)):
        officer.force_login(make_user(Role.CERTIFICATES))
        assert (listed("valid"), listed("expired")) == (False, True)
