"""Many hands at once: one organisation, one application, one quote; each with the naive way beside it."""

import threading
import time
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from applications.models import Application, Contract
from applications.queries import open_application_of
from applications.services.organisations import change_organisation, create_organisation
from applications.states import OPEN_QUOTE, ContractState
from applications.transitions import ACCEPT_OFFER, AMEND, BEGIN, DRAFT, OFFER, SUBMIT, VOID
from certbody.accounts.models import Organisation, User
from certbody.accounts.roles import Role
from certbody.cases.models import Case
from certbody.cases.services import open_case
from certbody.workflow import Refused, perform
from tests.kernel.threads import at_once
from tests.road.applications import (
    SCHEME,
    accepted_application,
    accepted_contract,
    complete_application,
    make_organisation,
    offered_contract,
    organisation_values,
    printed,
)
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HANDS = 6


def begin(organisation: Organisation, client: User) -> Application:
    wish = Case(organisation=organisation, scheme=SCHEME)
    begun: Application = perform(BEGIN, Application(case=wish), actor=client)
    return begun


def begin_naively(organisation: Organisation) -> None:
    """Look, then write: what the step does without the lock on the organisation."""
    if open_application_of(organisation, SCHEME) is None:
        time.sleep(0.05)
        with transaction.atomic():
            Application.objects.create(case=open_case(organisation=organisation, scheme=SCHEME))


def test_six_presses_at_once_begin_one_application():
    client = make_user()
    organisation = make_organisation(client)
    results = at_once([partial(begin, organisation, client) for _hand in range(HANDS)])
    assert sum(isinstance(result, Application) for result in results) == 1
    assert all(isinstance(result, Application | Refused) for result in results), results
    assert organisation.cases.count() == 1


def test_without_the_lock_several_applications_begin():
    organisation = make_organisation(make_user())
    at_once([partial(begin_naively, organisation) for _hand in range(HANDS)])
    assert organisation.cases.count() > 1


def test_six_registrations_of_one_code_make_one_organisation():
    people = [make_user() for _hand in range(HANDS)]
    values = organisation_values()
    results = at_once([partial(create_organisation, actor=person, values=values) for person in people])
    assert sum(isinstance(result, Organisation) for result in results) == 1
    assert all(isinstance(result, Organisation | ValidationError) for result in results), results
    assert Organisation.objects.get().memberships.count() == 1


def test_a_name_does_not_change_while_its_application_is_being_submitted():
    client = make_user()
    application = complete_application(client)
    organisation = application.case.organisation
    is_submitted = threading.Event()

    def submit() -> str:
        with transaction.atomic():
            perform(SUBMIT, application, actor=client)
            is_submitted.set()
            time.sleep(0.5)
        return "submitted"

    def rename() -> list[str]:
        is_submitted.wait(10)
        return change_organisation(organisation=organisation, actor=client, values={"name": "别的名称"})

    submitted, renamed = at_once([submit, rename])
    assert submitted == "submitted"
    assert isinstance(renamed, ValidationError), renamed
    assert Organisation.objects.get().name == organisation.name


def test_six_officers_make_one_quote():
    application = accepted_application()
    officers = [make_user(Role.CONTRACTS) for _hand in range(HANDS)]

    def make(officer: User) -> Contract:
        made: Contract = perform(
            DRAFT, Contract(case=application.case, application=application), actor=officer
        )
        return made

    results = at_once([partial(make, officer) for officer in officers])
    assert sum(isinstance(result, Contract) for result in results) == 1
    assert all(isinstance(result, Contract | Refused) for result in results), results
    assert application.contracts.filter(state__in=OPEN_QUOTE).count() == 1


def test_an_offer_is_either_accepted_or_taken_back():
    client, officer = make_user(), make_user(Role.CONTRACTS)
    contract = offered_contract(accepted_application(client), officer)
    results = at_once(
        [
            partial(perform, ACCEPT_OFFER, contract, actor=client, sha256=contract.pdf_sha256),
            partial(perform, VOID, contract, actor=officer, reason="人数有误"),
        ]
    )
    assert sum(isinstance(result, Contract) for result in results) == 1
    assert sum(isinstance(result, Refused) for result in results) == 1
    names = set(contract.case.events.values_list("name", flat=True))
    assert len(names & {"contract.accepted", "contract.voided"}) == 1


def test_six_officers_begin_one_amendment():
    contract = accepted_contract()
    officers = [make_user(Role.CONTRACTS) for _hand in range(HANDS)]
    results = at_once(
        [
            partial(perform, AMEND, contract, actor=officer, wish="body", reason="收费表")
            for officer in officers
        ]
    )
    assert sum(isinstance(result, Contract) for result in results) == 1
    assert all(isinstance(result, Contract | Refused) for result in results), results
    assert contract.amendments.count() == 1


def amendment_offered() -> tuple[Contract, User, User]:
    client, officer = make_user(), make_user(Role.CONTRACTS)
    contract = accepted_contract(client, officer=officer)
    perform(AMEND, contract, actor=officer, wish="client", reason="收费表")
    return printed(perform(OFFER, contract.amendments.get(), actor=officer)), client, officer


def test_an_amendment_is_accepted_or_taken_back_and_one_contract_is_in_force_either_way():
    later, client, officer = amendment_offered()
    results = at_once(
        [
            partial(perform, ACCEPT_OFFER, later, actor=client, sha256=later.pdf_sha256),
            partial(perform, VOID, later, actor=officer, reason="人数有误"),
        ]
    )
    assert sum(isinstance(result, Refused) for result in results) == 1
    assert later.application.contracts.filter(state=ContractState.ACCEPTED).count() == 1


def test_without_the_transaction_a_case_is_left_without_a_contract():
    """Replace the old one first and look then whether the new one can still be accepted."""
    later, client, _officer = amendment_offered()
    rows = Contract.objects.filter(application=later.application_id)
    is_replaced = threading.Event()

    def accept_naively() -> int:
        rows.filter(state=ContractState.ACCEPTED).update(state=ContractState.SUPERSEDED)
        is_replaced.set()
        time.sleep(0.2)
        accepted = {"accepted_at": later.offered_at, "accepted_by": client, "accepted_sha256": "0" * 64}
        return rows.filter(pk=later.pk, state=ContractState.OFFERED).update(
            state=ContractState.ACCEPTED, **accepted
        )

    def void_naively() -> int:
        is_replaced.wait(10)
        return rows.filter(pk=later.pk, state=ContractState.OFFERED).update(state=ContractState.VOID)

    assert at_once([accept_naively, void_naively]) == [0, 1]
    assert not rows.filter(state=ContractState.ACCEPTED).exists()
