"""An amendment supersedes and never overwrites: one contract is in force all the time."""

from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.models import Contract
from applications.queries import current_contract
from applications.queries.amendments import changes_of
from applications.transitions import (
    ACCEPT,
    ACCEPT_OFFER,
    AMEND,
    APPROVE_ADJUSTMENT,
    OFFER,
    REOPEN,
    REVISE,
    VOID,
)
from certbody.accounts.roles import Role
from certbody.desk.models import Task
from certbody.workflow import NotReady, perform
from tests.applications.conftest import signed_in
from tests.road.applications import (
    accepted_application,
    accepted_contract,
    drafted_contract,
    printed,
    review_all,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_force(client_user, reviewer, officer) -> Contract:
    return accepted_contract(client_user, reviewer, officer)


def amended(contract, officer) -> Contract:
    perform(AMEND, contract, actor=officer, wish="client", reason="增加门店")
    return contract.amendments.get()


def states(application) -> list[str]:
    return list(application.contracts.order_by("pk").values_list("state", flat=True))


def test_an_amendment_leaves_the_contract_in_force_until_the_client_accepts_it(
    in_force, client_user, officer
):
    application = in_force.application
    later = amended(in_force, officer)
    assert (later.number, later.amends) == (f"{application.case.reference}-C2", in_force)
    assert states(application) == ["accepted", "draft"]
    assert current_contract(in_force.case) == in_force
    later = printed(perform(OFFER, later, actor=officer))
    assert current_contract(in_force.case) == in_force
    perform(ACCEPT_OFFER, later, actor=client_user, sha256=later.pdf_sha256)
    assert states(application) == ["superseded", "accepted"]
    assert current_contract(in_force.case) == later
    names = list(in_force.case.events.order_by("-sequence").values_list("name", flat=True)[:2])
    assert names == ["contract.accepted", "contract.superseded"]


def test_an_amendment_taken_back_leaves_the_contract_as_it_is_and_asks_for_no_quote(in_force, officer):
    later = amended(in_force, officer)
    perform(VOID, later, actor=officer, reason="客户改变主意")
    assert current_contract(in_force.case) == in_force
    assert not Task.objects.filter(kind="contract.make", closed_at=None).exists()
    perform(AMEND, in_force, actor=officer, wish="body", reason="收费表变化")
    assert in_force.amendments.get(state="draft").revision == 3


@pytest.mark.parametrize(
    "change",
    [
        {"total": 1},
        {"person_days": 1},
        {"quoted": {}},
        {"tariff": {}},
        {"headcount": 1},
        {"pdf_sha256": "0" * 64},
        {"accepted_sha256": "0" * 64},
        {"accepted_at": None, "state": "superseded"},
    ],
)
def test_the_database_overwrites_no_contract_that_was_accepted(in_force, change):
    with pytest.raises(IntegrityError, match="never change"), transaction.atomic():
        Contract.objects.filter(pk=in_force.pk).update(**change)


def test_the_database_keeps_the_lines_of_a_contract_and_the_contract_itself(in_force, officer):
    open_draft = amended(in_force, officer)
    attempts = (
        lambda: in_force.lines.update(amount=1),
        lambda: in_force.lines.filter(position=1).update(contract=open_draft, position=9),
        lambda: in_force.lines.all().delete(),
        lambda: in_force.lines.create(position=9, key="annual", quantity=1, unit_price=1, amount=1),
    )
    for attempt in attempts:
        with pytest.raises(IntegrityError, match="never change"), transaction.atomic():
            attempt()


def test_one_amendment_at_a_time_and_each_with_its_reason(in_force, officer):
    with pytest.raises(NotReady, match="needs its reason"):
        perform(AMEND, in_force, actor=officer, wish="client", reason="")
    with pytest.raises(NotReady, match="needs its reason"):
        perform(AMEND, in_force, actor=officer, wish="review", reason="x")
    amended(in_force, officer)
    with pytest.raises(NotReady) as refusal:
        perform(AMEND, in_force, actor=officer, wish="body", reason="x")
    assert "An amendment is under way already." in str(refusal.value.missing[0].sentence)


def test_a_second_contract_is_not_made_beside_the_one_in_force_without_an_amendment(in_force, officer):
    with pytest.raises(NotReady) as refusal:
        drafted_contract(in_force.application, officer)
    assert "it can be amended on its page" in str(refusal.value.missing[0].sentence)


def test_a_review_that_was_opened_again_ends_in_an_amendment_that_names_old_and_new(
    in_force, client_user, reviewer, officer
):
    application = in_force.application
    perform(REOPEN, application, actor=None, changes={"headcount": 90}, reason="人数增加")
    with pytest.raises(NotReady) as refusal:
        perform(AMEND, in_force, actor=officer, wish="client", reason="x")
    assert "in review again" in str(refusal.value.missing[0].sentence)
    application.refresh_from_db()
    review_all(application, reviewer)
    perform(ACCEPT, application, actor=reviewer)
    assert current_contract(in_force.case) is None
    later = drafted_contract(application, officer)
    assert (later.amends, later.amendment_wish) == (in_force, "review")
    changes = {change.label: (change.old, change.new) for change in changes_of(later)}
    assert changes["Headcount"] == ("40", "90")
    assert changes["Person-days"] == ("6", "8.5")
    assert changes["Total (CNY)"] == ("23,000.00", "30,500.00")
    assert set(changes) == {"Headcount", "Person-days", "Total (CNY)"}
    offered = printed(perform(OFFER, later, actor=officer))
    page = signed_in(client_user).get(reverse("applications:contract", args=[offered.number]))
    text = page.content.decode()
    assert f"takes the place of {in_force.number}, which stays in force" in text
    assert "30,500.00" in text
    before = signed_in(client_user).get(reverse("applications:contract", args=[in_force.number]))
    assert offered.number in before.content.decode()


def test_a_contract_compared_with_none_or_with_one_of_old_has_no_facts_to_compare(in_force, officer):
    assert changes_of(in_force) == []
    later = amended(in_force, officer)
    later.amends.quoted, later.amends.total = {}, Decimal(1)
    assert [change.label for change in changes_of(later)] == ["Total (CNY)"]


@pytest.mark.parametrize("state", ["accepted", "draft"])
def test_the_database_holds_one_contract_in_force_and_one_open_quote(in_force, officer, state):
    later = amended(in_force, officer)
    other = Contract.objects.get(pk=later.pk)
    other.pk, other.number, other.revision, other.state = None, "X", 9, state
    other.accepted_at, other.accepted_by, other.accepted_sha256 = (
        in_force.accepted_at,
        in_force.accepted_by,
        "0" * 64,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save(force_insert=True)


def test_the_amendment_is_begun_by_the_contract_officer_on_the_page(
    in_force, client_user, stranger, reviewer, officer
):
    address = f"/steps/contract/{in_force.pk}/amend/"
    given = {"wish": "body", "reason": "收费表变化"}
    post = partial(signed_in(officer).post, address)
    assert signed_in(stranger).post(address, given).status_code == 404
    assert signed_in(client_user).post(address, given).status_code == 403
    assert signed_in(reviewer).post(address, given).status_code == 403
    assert post({"wish": "body", "reason": ""}).status_code == 422
    assert post(given).status_code == 302
    assert post(given).status_code == 409
    page = signed_in(officer).get(reverse("applications:desk_contract", args=[in_force.number]))
    assert f"{in_force.case.reference}-C2" in page.content.decode()


def test_an_amendment_keeps_the_adjustment_and_asks_the_second_person_again(client_user, reviewer, officer):
    """What was taken off for a reason does not come back because something else has changed."""
    draft = drafted_contract(accepted_application(client_user, reviewer), officer)
    cut = {"adjustment": Decimal(-3), "code": "combined", "reason": "与另一次审查合并"}
    perform(REVISE, draft, actor=officer, **cut)
    perform(APPROVE_ADJUSTMENT, draft, actor=make_user(Role.QUALITY))
    offered = printed(perform(OFFER, draft, actor=officer))
    perform(ACCEPT_OFFER, offered, actor=client_user, sha256=offered.pdf_sha256)
    later = amended(offered, officer)
    assert (later.adjustment, later.adjustment_code) == (Decimal(-3), "combined")
    assert (later.adjustment_reason, later.person_days) == (cut["reason"], offered.person_days)
    assert later.waits_for_approval
    assert Task.objects.filter(kind="contract.approve_adjustment", closed_at=None).exists()
