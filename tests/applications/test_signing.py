"""Signing in the portal after another proof of who signs, and signing on paper."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.models import Contract
from applications.states import ContractState
from certbody import clock
from certbody.accounts.models import User
from tests.accounts.doors import PASSWORD
from tests.applications.conftest import signed_in
from tests.applications.proof import prove
from tests.road.applications import accepted_application, offered_contract, picture

pytestmark = pytest.mark.django_db


def contract_url(contract, name="desk_contract"):
    return reverse(f"applications:{name}", args=[contract.number])


def test_the_client_accepts_with_name_time_and_hash(client_user, stranger, officer):
    contract = offered_contract(accepted_application(client_user), officer)
    address = f"/steps/contract/{contract.pk}/accept/"
    given = {"sha256": contract.pdf_sha256, "agreed": "on"}
    assert signed_in(stranger).post(address, given).status_code == 404
    assert signed_in(officer).post(address, given).status_code == 403
    browser = signed_in(client_user)
    assert browser.get(address)["Location"].startswith("/accounts/reauthenticate/")
    assert browser.post(address, given)["Location"].startswith("/accounts/reauthenticate/")
    contract.refresh_from_db()
    assert contract.state == ContractState.OFFERED
    prove(browser)
    assert contract.pdf_sha256 in browser.get(address).content.decode()
    assert browser.post(address, {"sha256": contract.pdf_sha256}).status_code == 422
    assert browser.post(address, given)["Location"] == contract_url(contract, "contract")
    contract.refresh_from_db()
    assert contract.state == ContractState.ACCEPTED
    page = browser.get(contract_url(contract, "contract")).content.decode()
    assert client_user.person.name in page
    assert contract.accepted_sha256 in page
    assert browser.post(address, given).status_code == 409


def test_the_officer_checks_the_scan_on_the_page(client_user, officer):
    contract = offered_contract(accepted_application(client_user), officer)
    address = f"/steps/contract/{contract.pk}/upload_scan/"
    tomorrow = clock.today() + timedelta(days=1)
    too_late = {"signatory": "王伟", "signed_on": tomorrow.isoformat(), "upload": picture("signed.png")}
    assert signed_in(client_user).post(address, too_late).status_code == 422
    signed = {"signatory": "王伟", "signed_on": clock.today().isoformat()}
    assert signed_in(client_user).post(address, signed | {"upload": picture("signed.png")}).status_code == 302
    contract.refresh_from_db()
    check = f"/steps/contract/{contract.pk}/accept_scan/"
    browser = signed_in(officer)
    assert contract.signed_scan.sha256 in browser.get(check).content.decode()
    assert browser.post(check, {"sha256": contract.signed_scan.sha256, "agreed": "on"}).status_code == 302
    contract.refresh_from_db()
    assert (contract.state, contract.signatory) == (ContractState.ACCEPTED, "王伟")
    assert "王伟" in browser.get(contract_url(contract)).content.decode()


def accept_page(contract: Contract) -> str:
    return f"/steps/contract/{contract.pk}/accept/"


def test_signing_asks_for_the_password_again_and_then_takes_up_what_was_sent(client_user, officer):
    contract = offered_contract(accepted_application(client_user), officer)
    client_user.set_password(PASSWORD)
    client_user.save()
    browser = signed_in(User.objects.get(pk=client_user.pk))
    given = {"sha256": contract.pdf_sha256, "agreed": "on"}
    asked = browser.post(accept_page(contract), given)
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert browser.post(asked["Location"], {"password": "wrong"}).status_code == 200
    contract.refresh_from_db()
    assert contract.state == "offered"
    answer = browser.post(asked["Location"], {"password": PASSWORD}, follow=True)
    if contract.pdf_sha256 in answer.content.decode():
        browser.post(accept_page(contract), given)
    contract.refresh_from_db()
    assert (contract.state, contract.accepted_by) == ("accepted", client_user)
    event = contract.case.events.get(name="contract.accepted")
    assert event.context.address == "127.0.0.1"
    assert "127.0.0.1" not in str(event.data)


def test_a_proof_of_five_minutes_ago_counts_no_more(client_user, officer):
    contract = offered_contract(accepted_application(client_user), officer)
    browser = prove(signed_in(client_user))
    assert browser.get(accept_page(contract)).status_code == 200
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert browser.get(accept_page(contract)).status_code == 302
