"""Two hands at once on the money of one contract, and one human being with two accounts."""

from decimal import Decimal
from functools import partial

import pytest
from django.db.models import Sum

from applications.models import Invoice
from applications.transitions import APPROVE_ADJUSTMENT, REVISE
from applications.transitions.invoice import CREDIT, DRAFT, RECORD_PAYMENT
from certbody import clock
from certbody.accounts.models import RoleAssignment, User
from certbody.accounts.roles import Role
from certbody.workflow import NotAllowed, Refused, perform
from tests.kernel.threads import at_once
from tests.road.applications import accepted_application, accepted_contract, drafted_contract
from tests.road.invoices import sent_invoice
from tests.road.people import make_user

HANDS = 4


def one_of(results: list[object], kind: type) -> bool:
    """One hand did it; every other one was told why not."""
    done = [result for result in results if isinstance(result, kind)]
    return len(done) == 1 and all(isinstance(result, kind | Refused) for result in results)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_four_presses_invoice_a_contract_once():
    contract = accepted_contract()

    def make(finance: User) -> Invoice:
        wish = Invoice(
            contract=contract, case=contract.case, organisation=contract.case.organisation, kind="contract"
        )
        made: Invoice = perform(DRAFT, wish, actor=finance)
        return made

    results = at_once([partial(make, make_user(Role.FINANCE)) for _hand in range(HANDS)])
    assert one_of(results, Invoice), results
    assert contract.invoices.get().total == contract.total


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_four_presses_enter_and_credit_what_is_open_once():
    invoice = sent_invoice(accepted_contract(), make_user(Role.FINANCE))
    people = [make_user(Role.FINANCE) for _hand in range(HANDS)]
    facts = {"amount": invoice.total, "on": clock.today(), "payer": invoice.organisation.name}
    paid = at_once([partial(perform, RECORD_PAYMENT, invoice, actor=one, **facts) for one in people])
    assert one_of(paid, Invoice), paid
    assert invoice.payments.aggregate(all=Sum("amount"))["all"] == invoice.total
    line = invoice.lines.first()
    taken = {"amounts": {line.pk: line.amount}, "reason": "错误"}
    credited = at_once([partial(perform, CREDIT, invoice, actor=one, **taken) for one in people])
    assert one_of(credited, Invoice), credited
    invoice.refresh_from_db()
    assert invoice.credited == line.amount
    assert invoice.to_refund == line.amount


@pytest.mark.django_db
def test_a_second_account_of_the_same_person_does_not_approve_the_own_adjustment():
    officer = make_user(Role.CONTRACTS)
    contract = drafted_contract(accepted_application(), officer)
    perform(
        REVISE, contract, actor=officer, adjustment=-contract.person_days / 2, code="trade", reason="行业简单"
    )
    RoleAssignment.objects.create(person=officer.person, role=Role.HEAD, since=clock.today())
    second = User.objects.create_user(
        "second@body.example", "a-long-password", person=officer.person, is_demo=True
    )
    with pytest.raises(NotAllowed, match="You made this adjustment"):
        perform(APPROVE_ADJUSTMENT, contract, actor=second)
    contract.refresh_from_db()
    assert contract.adjustment < Decimal(0)
    assert contract.adjustment_approved_by is None
    assert (
        perform(APPROVE_ADJUSTMENT, contract, actor=make_user(Role.HEAD)).adjustment_approved_by is not None
    )
