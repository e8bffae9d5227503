"""Exact money: taxes, instalments, what is open, for every amount that an invoice may have."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from applications.fees.amounts import (
    Part,
    cents,
    due_until,
    in_equal_parts,
    line_amount,
    open_parts,
    tax_in,
    total_of,
)

amounts = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9999999999.99"), places=2)
rates = st.decimals(min_value=0, max_value=50, places=2)
days = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 1, 1))


@given(amounts, rates)
def test_net_and_tax_are_the_amount_and_the_tax_is_that_of_the_net(amount: Decimal, rate: Decimal) -> None:
    tax = tax_in(amount, rate)
    net = amount - tax
    assert cents(net) == net
    assert cents(tax) == tax
    assert 0 <= tax <= amount
    assert abs(net * rate / 100 - tax) <= Decimal("0.01")


def test_the_tax_of_six_per_cent_in_a_fee_of_two_thousand() -> None:
    assert tax_in(Decimal(2000), Decimal(6)) == Decimal("113.21")


@given(amounts, st.integers(min_value=1, max_value=12))
def test_equal_parts_add_up_and_differ_by_a_cent_at_most(total: Decimal, number: int) -> None:
    parts = in_equal_parts(total, number)
    assert total_of(parts) == total
    assert max(parts) - min(parts) <= Decimal("0.01")


@given(st.lists(st.tuples(days, amounts), min_size=1, max_size=8), st.fractions(min_value=0, max_value=1))
def test_what_is_open_of_the_parts_is_the_total_less_what_is_covered(rows, share) -> None:
    parts = [Part(day, amount) for day, amount in rows]
    total = total_of(part.amount for part in parts)
    covered = cents(total * share.numerator / share.denominator)
    left = open_parts(parts, covered)
    assert total_of(part.amount for part in left) == total - covered
    assert all(part.amount > 0 for part in left)
    assert [part.due_on for part in left] == sorted(part.due_on for part in left)
    if left:
        assert due_until(left, left[-1].due_on) == total - covered
        assert due_until(left, left[0].due_on - timedelta(days=1)) == 0


@given(st.decimals(min_value=0, max_value=1000, places=2), amounts)
def test_a_line_is_rounded_to_cents_by_half_a_cent_at_most(quantity: Decimal, price: Decimal) -> None:
    assert abs(line_amount(quantity, price) - quantity * price) <= Decimal("0.005")
