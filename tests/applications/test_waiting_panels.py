"""What waits for contracts and finance stands on their home pages, with figures that lead to the rows."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Contract, Invoice
from applications.panels import waiting
from applications.transitions import UPLOAD_SCAN
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import (
    accepted_application,
    accepted_contract,
    checked_picture,
    drafted_contract,
    offered_contract,
)
from tests.road.invoices import drafted_invoice, sent_invoice
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
QUERIES_OF_CONTRACTS = 7
QUERIES_OF_MONEY = 7


@pytest.fixture
def finance(db):
    return make_user(Role.FINANCE)


def figures_of(panel) -> list[int]:
    return [figure.number for figure in panel.context["figures"]]


def test_contracts_sees_scans_offers_about_to_end_and_quotes_in_work(client_user, reviewer, officer):
    drafted_contract(accepted_application(reviewer=reviewer), officer)
    far = offered_contract(accepted_application(reviewer=reviewer), officer)
    near = offered_contract(accepted_application(reviewer=reviewer), officer)
    signed = offered_contract(accepted_application(client_user, reviewer), officer)
    facts = {"signatory": "王伟", "signed_on": clock.today(), "upload": checked_picture("signed.png")}
    perform(UPLOAD_SCAN, signed, actor=client_user, **facts)
    Contract.objects.filter(pk=far.pk).update(valid_until=clock.today() + timedelta(days=15))
    Contract.objects.filter(pk__in=[near.pk, signed.pk]).update(valid_until=clock.today())
    panel = waiting.contracts(officer)
    assert figures_of(panel) == [1, 1, 1]
    assert [row.about for row in panel.context["rows"]] == [signed.number, near.number]
    page = signed_in(officer).get("/desk/").text
    assert f'href="/desk/contracts/{near.number}/"' in page
    assert "/desk/contracts/?state=draft" in page


def test_finance_sees_overdue_invoices_drafts_and_contracts_without_one(finance):
    late = sent_invoice(accepted_contract(), finance)
    Invoice.objects.filter(pk=late.pk).update(due_on=clock.today() - timedelta(days=1))
    sent_invoice(accepted_contract(), finance)
    drafted_invoice(accepted_contract(), finance)
    accepted_contract()
    panel = waiting.money(finance)
    assert figures_of(panel) == [1, 0, 1, 1]
    assert [row.about for row in panel.context["rows"]] == [late.number]
    assert "/desk/payments/" in signed_in(finance).get("/desk/").text


def test_the_figures_of_a_panel_are_the_rows_of_the_list_that_it_leads_to(finance):
    late = sent_invoice(accepted_contract(), finance)
    Invoice.objects.filter(pk=late.pk).update(due_on=clock.today() - timedelta(days=1))
    sent_invoice(accepted_contract(), finance)
    overdue = waiting.money(finance).context["figures"][0]
    listed = signed_in(finance).get(overdue.url).text
    assert len(set(re.findall(r'href="(/desk/invoices/\d+/)"', listed))) == overdue.number == 1


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REVIEWER, Role.COMMITTEE, Role.PLANNER])
def test_nobody_else_sees_either(role, client_user):
    reader = make_user(role)
    assert waiting.contracts(reader) is None
    assert waiting.money(reader) is None


@pytest.mark.parametrize("number", [1, 3])
def test_the_panels_cost_the_same_for_one_and_for_three(number, finance, officer):
    for _index in range(number):
        offer = offered_contract(accepted_application(), officer)
        Contract.objects.filter(pk=offer.pk).update(valid_until=clock.today())
        late = sent_invoice(accepted_contract(), finance)
        Invoice.objects.filter(pk=late.pk).update(due_on=clock.today() - timedelta(days=1))
    reader = User.objects.get(pk=officer.pk)
    with CaptureQueriesContext(connection) as asked:
        assert waiting.contracts(reader) is not None
    assert len(asked) == QUERIES_OF_CONTRACTS
    reader = User.objects.get(pk=finance.pk)
    with CaptureQueriesContext(connection) as asked:
        assert waiting.money(reader) is not None
    assert len(asked) == QUERIES_OF_MONEY
