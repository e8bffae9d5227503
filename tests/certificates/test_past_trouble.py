"""What became of an applicant, or of one with a legal representative of the same name, at this body."""

import pytest
from django.urls import reverse

from certbody import clock
from certbody.accounts.models import Organisation
from certbody.body.settings_catalogue import setting
from certbody.scheme.dates import months_later
from certificates.facts import past_trouble
from tests.certificates.test_standing import suspend, withdraw
from tests.road.certificates import issued_certificate, released_case, signed_decision
from tests.road.people import make_organisation

pytestmark = pytest.mark.django_db


def named(organisation: Organisation, name: str) -> Organisation:
    organisation.legal_representative = name
    organisation.save()
    return organisation


def test_a_clean_past_has_nothing_to_tell() -> None:
    certificate = issued_certificate()
    assert past_trouble(organisation=named(certificate.organisation, "欧阳清")) == []


def test_a_suspension_and_a_withdrawal_are_told_with_day_case_and_end_of_the_block() -> None:
    certificate = issued_certificate()
    organisation = named(certificate.organisation, "欧阳清")
    withdraw(suspend(certificate))
    told = past_trouble(organisation=organisation)
    until = months_later(clock.today(), setting("blocked_after_withdrawal_months")).isoformat()
    assert {one.link for one in told} == {reverse("desk_case", args=[certificate.case.reference])}
    sentences = " ".join(str(one.sentence) for one in told)
    assert "This organisation (same credit code)" in sentences
    assert f"certificate {certificate.number} suspended on {clock.today()}" in sentences
    assert f"withdrawn on {clock.today()}" in sentences
    assert until in sentences


def test_a_refusal_is_told_about_a_namesake_and_about_nobody_else() -> None:
    released = released_case(grade="fail")
    signed_decision(released, outcome="refuse", grade="")
    refused = named(released.organisation, "欧阳清")
    (told,) = past_trouble(organisation=named(make_organisation(), "欧阳清"))
    assert refused.name in str(told.sentence)
    assert f"refused on {clock.today()}" in str(told.sentence)
    assert past_trouble(organisation=named(make_organisation(), "司马光")) == []
