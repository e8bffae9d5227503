"""What a client is told of its invoices: on the home, as a task, in the menu; and what money must not change there."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from applications.models import Invoice
from certbody import clock
from certbody.accounts.models import Membership
from certbody.accounts.roles import Role
from certbody.desk.models import Task
from tests.applications.conftest import signed_in
from tests.road.applications import accepted_contract
from tests.road.invoices import drafted_invoice, pay, sent_invoice, take
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(db):
    return make_user(Role.FINANCE, name="财务")


@pytest.fixture
def contract(client_user):
    return accepted_contract(client_user)


@pytest.fixture
def sent(contract, finance):
    return sent_invoice(contract, finance)


def home(user):
    return signed_in(user).get("/portal/").content.decode()


def page_of(user, name, *parts):
    return signed_in(user).get(reverse(f"applications:{name}", args=parts)).content.decode()


def credit_all(invoice, finance):
    amounts = {line.pk: line.amount for line in invoice.lines.all()}
    return take("credit", invoice, finance, amounts=amounts, reason="发票抬头有误")


def to_pay(invoice):
    return Task.objects.filter(kind="invoice.pay", object_id=str(invoice.pk), closed_at=None)


def test_the_home_shows_what_is_due_and_the_way_to_it(client_user, sent, stranger):
    page = home(client_user)
    assert "To be paid" in page
    assert f"{sent.total:,.2f}" in page
    assert f'href="/portal/invoices/{sent.number}/"' in page
    assert "overdue" not in page
    assert sent.number not in home(stranger)


def test_an_invoice_whose_day_is_over_is_marked(client_user, sent):
    Invoice.objects.filter(pk=sent.pk).update(due_on=clock.today() - timedelta(days=1))
    assert 'data-state="overdue">overdue' in home(client_user)


def test_of_an_invoice_in_instalments_the_next_one_is_shown(client_user, contract, finance):
    invoice = drafted_invoice(contract, finance)
    first, second = (clock.today() + timedelta(days=days) for days in (10, 40))
    half = Decimal(1000)
    take("plan", invoice, finance, parts=[(first, half), (second, invoice.total - half)])
    take("send", invoice, finance)
    page = home(client_user)
    assert "1,000.00" in page
    assert "of <span" in page
    assert first.isoformat() in page


def test_a_draft_is_nobody_s_to_pay(client_user, contract, finance):
    drafted_invoice(contract, finance)
    assert "To be paid" not in home(client_user)
    assert not Task.objects.filter(kind="invoice.pay").exists()


def test_sending_asks_the_client_to_pay_until_it_is_paid_and_again_when_it_is_not(client_user, sent, finance):
    assert to_pay(sent).get().organisation == sent.organisation
    assert "Pay the invoice" in home(client_user)
    paid = pay(sent, finance)
    assert not to_pay(paid).exists()
    assert "Pay the invoice" not in home(client_user)
    take("reverse_payment", paid, finance, payment=paid.payments.get().pk, reason="录入有误")
    assert to_pay(paid).exists()


def test_a_credited_invoice_asks_for_nothing_and_says_so(client_user, sent, finance):
    credit_all(sent, finance)
    assert not to_pay(sent).exists()
    page = page_of(client_user, "portal_invoice", sent.number)
    assert "cancelled by a credit note: nothing is to be paid on it." in page
    assert "发票抬头有误" in page
    assert "To be paid" not in home(client_user)


def test_a_part_that_is_credited_is_named_on_the_page_and_in_the_list(client_user, sent, finance):
    line = sent.lines.first()
    take("credit", sent, finance, amounts={line.pk: Decimal(100)}, reason="多收")
    assert "need not be paid" in page_of(client_user, "portal_invoice", sent.number)
    assert "credited in part" in page_of(client_user, "portal_invoices")


def test_money_makes_no_case_the_client_s_turn(client_user, sent):
    page = home(client_user)
    assert "our turn" in page
    assert "your turn" not in page
    assert "Next step: ours." in page


def test_those_who_decide_do_not_learn_of_the_task(sent, auditor, reviewer):
    from certbody.desk.queries import open_tasks_in

    assert to_pay(sent).exists()
    for reader in (auditor, reviewer):
        kinds = set(open_tasks_in(sent.case, reader).values_list("kind", flat=True))
        assert not any(kind.startswith("invoice") for kind in kinds)


def test_pages_of_money_light_up_their_own_entry_of_the_menu(client_user, sent):
    current = '<a href="/portal/invoices/" aria-current="page">'
    organisation = sent.organisation_id
    for name, part in (
        ("portal_invoice", sent.number),
        ("portal_account", organisation),
        ("portal_title", organisation),
    ):
        page = page_of(client_user, name, part)
        assert current in page
        assert page.count('aria-current="page"') == 1
    assert current not in home(client_user)


def test_somebody_of_two_organisations_reads_on_every_page_for_which_one_it_is(client_user, sent):
    first, other = sent.organisation, make_organisation()
    alone = home(client_user)
    assert "You act for" not in alone
    Membership.objects.create(organisation=other, person=client_user.person, role="owner")
    reference = sent.case.reference
    for path in (
        f"/portal/cases/{reference}/",
        f"/portal/applications/{reference}/",
        f"/portal/applications/{reference}/check/",
        f"/portal/contracts/{sent.contract.number}/",
        f"/portal/invoices/{sent.number}/",
        f"/portal/organisations/{first.pk}/account/",
        f"/portal/organisations/{first.pk}/people/",
    ):
        line = (
            signed_in(client_user).get(path).content.decode().partition("You act for")[2].partition("</p>")[0]
        )
        assert first.name in line, path
        assert other.name not in line, path
    assert other.name in home(client_user).partition("You act for")[2].partition("</p>")[0]


def test_the_contract_offers_its_document_at_the_top(client_user, contract):
    page = page_of(client_user, "contract", contract.number)
    assert contract.pdf.get_absolute_url() in page.partition("</header>")[2].partition("</header>")[0]
    assert "Contract as PDF" in page


def test_a_quantity_stands_on_the_page_as_on_paper_without_needless_zeros(client_user, sent):
    page = page_of(client_user, "portal_invoice", sent.number)
    assert '<div class="cb-figures">1</div>' in page
    assert '<div class="cb-figures">1.00</div>' not in page
