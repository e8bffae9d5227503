"""Discounts and time cuts: a bound, a second person, and a report (ISO/IEC 17065 4.2 and 5.2)."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from applications.fees import LINES, QuoteKind
from applications.forms.contract import ReviseForm
from applications.models import Contract, ContractLine
from applications.queries.arithmetic import line_label
from applications.services.quotes import is_beyond
from applications.states import LineKey
from applications.transitions import (
    APPROVE_ADJUSTMENT,
    CONTRACT,
    OFFER,
    REFUSE_ADJUSTMENT,
    REVISE,
    VOID,
)
from certbody.accounts.models import Interest
from certbody.accounts.roles import Role
from certbody.body.services import change_setting
from certbody.cases.models import Part
from certbody.clock import today
from certbody.desk.models import Task
from certbody.workflow import NotAllowed, NotReady, perform
from tests.applications.conftest import signed_in
from tests.road.applications import accepted_application, drafted_contract
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def adjusted(contract, officer, days, code="complexity", reason="两类商品"):
    return perform(REVISE, contract, actor=officer, adjustment=Decimal(days), code=code, reason=reason)


@pytest.fixture
def draft(client_user, officer):
    """Six person-days by the table; a fifth of them is 1.2."""
    return drafted_contract(accepted_application(client_user), officer)


def waiting() -> set[tuple[str, str]]:
    rows = Task.objects.filter(closed_at=None, kind="contract.approve_adjustment")
    return set(rows.values_list("kind", "role"))


def test_within_the_bound_the_officer_offers_alone(draft, officer):
    adjusted(draft, officer, "-1")
    draft.refresh_from_db()
    assert (draft.adjustment_is_beyond, draft.adjustment_most_percent) == (False, 20)
    assert waiting() == set()
    assert perform(OFFER, draft, actor=officer).state == "offered"


@pytest.mark.parametrize("days", ["-1.5", "1.5"])
def test_beyond_the_bound_no_offer_leaves_before_a_second_person_agrees(draft, officer, days):
    adjusted(draft, officer, days)
    assert waiting() == {("contract.approve_adjustment", "head"), ("contract.approve_adjustment", "quality")}
    with pytest.raises(NotReady) as refusal:
        perform(OFFER, draft, actor=officer)
    assert "more than 20 % of those of the table" in str(refusal.value.missing[0].sentence)
    quality = make_user(Role.QUALITY)
    perform(APPROVE_ADJUSTMENT, draft, actor=quality)
    assert waiting() == set()
    offered = perform(OFFER, draft, actor=officer)
    assert (offered.state, offered.adjustment_approved_by) == ("offered", quality.person)
    assert not offered.case.involvements.filter(person=quality.person, part=Part.SALES).exists()


@pytest.mark.parametrize("step", [APPROVE_ADJUSTMENT, REFUSE_ADJUSTMENT])
def test_a_second_person_answers_only_the_adjustment_that_was_on_the_page(draft, officer, step):
    adjusted(draft, officer, "-1.5")
    browser = signed_in(make_user(Role.HEAD))
    address = reverse("step", args=["contract", draft.pk, step.name])
    shown = browser.get(address).context["form"]
    adjusted(draft, officer, "-4")
    sent = {"adjusted": shown["adjusted"].initial, "reason": "不能减这么多"}
    answer = browser.post(address, sent)
    assert (answer.status_code, "has changed while you read it" in answer.content.decode()) == (409, True)
    draft.refresh_from_db()
    assert (draft.adjustment_approved_by, draft.adjustment_refusal) == (None, "")
    sent["adjusted"] = browser.get(address).context["form"]["adjusted"].initial
    assert browser.post(address, sent).status_code == 302


@given(
    st.decimals("-20", "20", places=1),
    st.decimals("0.5", "30", places=1),
    st.integers(0, 100),
)
def test_the_bound_is_a_share_of_the_days_of_the_table_either_way(adjustment, table_days, percent):
    bound = table_days * percent / 100
    assert is_beyond(adjustment, table_days, percent) == (adjustment > bound or adjustment < -bound)


def test_a_later_adjustment_takes_the_approval_away(draft, officer):
    adjusted(draft, officer, "-3")
    perform(APPROVE_ADJUSTMENT, draft, actor=make_user(Role.HEAD))
    adjusted(draft, officer, "-3.5")
    draft.refresh_from_db()
    assert draft.adjustment_approved_by is None
    with pytest.raises(NotReady):
        perform(OFFER, draft, actor=officer)


def test_who_adjusted_cannot_agree_whatever_roles_he_holds(client_user):
    both = make_user(Role.CONTRACTS, Role.QUALITY)
    draft = drafted_contract(accepted_application(client_user), both)
    adjusted(draft, both, "-3")
    with pytest.raises(NotAllowed, match="A second person has to agree"):
        perform(APPROVE_ADJUSTMENT, draft, actor=both)


def test_who_sells_in_the_case_or_has_a_stake_in_the_client_cannot_agree(draft, officer):
    adjusted(draft, officer, "-3")
    seller, partner = make_user(Role.QUALITY), make_user(Role.HEAD)
    draft.case.involvements.create(person=seller.person, part=Part.SALES)
    Interest.objects.create(
        person=partner.person, organisation=draft.case.organisation, kind="group", since=today()
    )
    with pytest.raises(NotAllowed, match="took part in the offer"):
        perform(APPROVE_ADJUSTMENT, draft, actor=seller)
    with pytest.raises(NotAllowed, match="has declared an interest"):
        perform(APPROVE_ADJUSTMENT, draft, actor=partner)


def test_a_refused_adjustment_says_why_and_the_officer_adjusts_again(draft, officer):
    adjusted(draft, officer, "-3")
    perform(REFUSE_ADJUSTMENT, draft, actor=make_user(Role.HEAD), reason="没有依据")
    page = signed_in(officer).get(reverse("applications:desk_contract", args=[draft.number]))
    assert "没有依据" in page.content.decode()
    with pytest.raises(NotReady):
        perform(OFFER, draft, actor=officer)
    adjusted(draft, officer, "-1")
    assert perform(OFFER, draft, actor=officer).state == "offered"


def test_the_bound_is_a_setting_and_the_one_of_that_day_stays_with_the_adjustment(draft, officer):
    change_setting(key="adjustment_most_percent", value=60, source="会议", actor=make_user(Role.HEAD))
    adjusted(draft, officer, "-3")
    draft.refresh_from_db()
    assert (draft.adjustment_is_beyond, draft.adjustment_most_percent) == (False, 60)


@pytest.mark.parametrize(
    "change",
    [
        {"adjustment_is_beyond": True, "state": "offered"},
        {"adjustment_is_beyond": True, "state": "offered", "adjustment_approved_by": None},
        {"adjustment": Decimal(1), "adjustment_code": ""},
    ],
)
def test_the_database_refuses_what_the_steps_refuse(draft, officer, change):
    adjusted(draft, officer, "-3")
    with pytest.raises(IntegrityError), transaction.atomic():
        Contract.objects.filter(pk=draft.pk).update(**change)


def test_the_database_refuses_an_approval_by_the_same_person(draft, officer):
    adjusted(draft, officer, "-3")
    with pytest.raises(IntegrityError), transaction.atomic():
        Contract.objects.filter(pk=draft.pk).update(adjustment_approved_by=officer.person)


@pytest.mark.parametrize("key", ["training", "consulting", "培训", ""])
def test_training_or_consulting_is_no_line_that_the_database_would_take(draft, key):
    with pytest.raises(IntegrityError), transaction.atomic():
        ContractLine.objects.filter(contract=draft, key=LineKey.ANNUAL).update(key=key)


def test_no_item_of_a_quote_is_training_or_consulting_and_none_has_a_free_text():
    assert {key for keys in LINES.values() for key in keys} == set(LineKey)
    assert set(LINES) == set(QuoteKind)
    words = " ".join(line_label(key) for key in LineKey).lower()
    assert not [word for word in ("train", "consult", "advice", "course", "guidance") if word in words]
    texts = {
        field.name for field in ContractLine._meta.get_fields() if field.get_internal_type() == "CharField"
    }
    assert texts == {"key"}
    assert set(ReviseForm.base_fields) == {"adjustment", "code", "reason", "seen", "submission"}
    assert {step.name for step in CONTRACT.steps if "line" in step.name} == set()


def test_the_quote_says_so(draft, officer):
    page = signed_in(officer).get(reverse("applications:desk_contract", args=[draft.number]))
    assert "Training and consulting are no part of this offer" in page.content.decode()


REPORT = reverse("applications:adjustments")


def test_the_report_of_a_month_names_change_ground_and_both_people(draft, officer):
    adjusted(draft, officer, "-3", code="combined", reason="与体系审核结合")
    quality = make_user(Role.QUALITY)
    perform(APPROVE_ADJUSTMENT, draft, actor=quality)
    page = signed_in(quality).get(REPORT).content.decode()
    for text in (draft.number, "-3.00", "50.0 %", "与体系审核结合", officer.person.name, quality.person.name):
        assert text in page
    earlier = signed_in(quality).get(REPORT, {"month": "2020-01"}).content.decode()
    assert draft.number not in earlier
    assert "No person-days were adjusted in this month." in earlier
    file = signed_in(quality).get(REPORT, {"export": "csv"}).content.decode()
    assert "与体系审核结合" in file


def test_the_report_stays_after_the_quote_was_taken_back(draft, officer):
    adjusted(draft, officer, "-1")
    perform(VOID, draft, actor=officer, reason="客户放弃")
    assert draft.number in signed_in(officer).get(REPORT).content.decode()


def test_the_report_is_read_by_those_who_watch_impartiality(client_user, reviewer, officer, client):
    assert signed_in(officer).get(REPORT).status_code == 200
    assert signed_in(officer).post(REPORT).status_code == 405
    assert signed_in(reviewer).get(REPORT).status_code == 403
    assert signed_in(client_user).get(REPORT).status_code == 404
    assert client.get(REPORT)["Location"].startswith("/accounts/login/")


def test_taking_back_a_quote_nobody_saw_does_not_promise_that_the_client_reads_the_reason(draft, officer):
    browser, address = signed_in(officer), f"/steps/contract/{draft.pk}/void/"
    shown = browser.get(address).content.decode()
    assert "is told nothing" in shown
    assert "as the client will read it" not in shown
    perform(OFFER, draft, actor=officer)
    assert "as the client will read it" in browser.get(address).content.decode()
