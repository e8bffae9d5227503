"""A fee table has a first day, may be entered ahead, and stays with what was quoted by it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from applications.checks import contracts
from applications.models import Contract
from applications.services.quotes import repeated
from applications.services.tariffs import in_force_since, tariff_for
from certbody import clock
from certbody.accounts.roles import Role
from certbody.body.services import change_setting
from tests.applications.conftest import signed_in
from tests.road.applications import accepted_application, drafted_contract
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
PAGE = reverse("applications:fee_tables")


@pytest.fixture
def head(db):
    return make_user(Role.HEAD)


def dearer(head, *, days_ahead: int = 0, rate: str = "4000"):
    return change_setting(
        key="fee_per_person_day",
        value=Decimal(rate),
        source="收费表",
        actor=head,
        valid_from=clock.today() + timedelta(days=days_ahead),
    )


def test_a_quote_names_the_day_and_keeps_the_values_of_its_fee_table(client_user, officer, head):
    contract = drafted_contract(accepted_application(client_user), officer)
    assert (contract.tariff_on, contract.tariff["since"]) == (clock.today(), None)
    before = [(line.key, line.quantity, line.amount) for line in contract.lines.all()]
    dearer(head)
    assert [(line.key, line.quantity, line.amount) for line in repeated(contract).lines] == before
    assert repeated(contract).total == contract.total == Decimal(23000)
    page = signed_in(officer).get(reverse("applications:desk_contract", args=[contract.number]))
    assert f"By the fee table of {clock.today():%Y-%m-%d}." in page.content.decode()


def test_a_fee_table_entered_ahead_counts_from_its_day_on_and_not_before(client_user, officer, head):
    dearer(head, days_ahead=10)
    application = accepted_application(client_user)
    assert tariff_for("initial").per_person_day == Decimal(3000)
    with clock.at(clock.today() + timedelta(days=10)):
        later = drafted_contract(application, officer)
        assert in_force_since(clock.today()) == clock.today()
        assert (later.total, later.tariff["since"]) == (Decimal(29000), clock.today().isoformat())


def test_verify_trail_names_a_quote_that_does_not_follow_from_its_fee_table(client_user, officer):
    contract = drafted_contract(accepted_application(client_user), officer)
    assert list(contracts()) == []
    Contract.objects.filter(pk=contract.pk).update(tariff=contract.tariff | {"annual": "1"})
    assert [line for line in contracts() if "does not follow from its stored fee table" in line]


def test_the_page_shows_each_table_by_its_first_day(head):
    dearer(head)
    dearer(head, days_ahead=10, rate="5000")
    ahead = clock.today() + timedelta(days=10)
    browser = signed_in(head)
    today = browser.get(PAGE).content.decode()
    assert "4,000.00" in today
    assert "entered ahead" in today
    then = browser.get(PAGE, {"on": ahead.isoformat()}).content.decode()
    assert "5,000.00" in then
    delivered = browser.get(PAGE, {"on": (clock.today() - timedelta(days=1)).isoformat()}).content.decode()
    assert "3,000.00" in delivered
    assert browser.get(PAGE, {"on": "no day"}).status_code == 200


def test_the_page_is_for_people_of_the_body(client_user, auditor, client):
    assert signed_in(auditor).get(PAGE).status_code == 200
    assert signed_in(auditor).post(PAGE).status_code == 405
    assert signed_in(client_user).get(PAGE).status_code == 404
    assert client.get(PAGE).status_code == 302
