"""Bank statements: reading files, taking lines over once, proposals, and entering what a line pays."""

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import partial
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from applications.models import BankLine, BankStatement, Invoice, Payment
from applications.queries.bank import left_of
from applications.services.bank import TakenOver, take_over, upload_statement
from applications.services.bank_files import (
    Unreadable,
    as_amount,
    as_day,
    guessed,
    header_of,
    read_lines,
    read_rows,
)
from applications.states.invoices import InvoiceState
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.workflow import NotReady, WrongState
from tests.applications.conftest import signed_in
from tests.kernel.threads import at_once
from tests.road.applications import accepted_contract
from tests.road.invoices import pay, sent_invoice, take
from tests.road.people import make_user

COLUMNS = {"on": 0, "amount": 2, "payer": 1, "purpose": 3, "reference": 4}
HEAD = "交易日期,对方户名,贷方发生额,摘要,交易流水号"


def csv_of(*lines: str, preamble: str = "") -> str:
    return "\r\n".join([*([preamble] if preamble else []), HEAD, *lines])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_either_encoding_and_its_headings_are_found(encoding: str) -> None:
    text = csv_of('2026-11-20,深圳华丰电器有限公司,"24,500.00",认证费,T1', preamble="账号：0000")
    rows = read_rows(text.encode(encoding), "csv")
    assert header_of(rows) == 1
    assert guessed(rows[1]) == COLUMNS
    line = read_lines(rows, 1, COLUMNS).lines[0]
    assert (line.on, line.amount, line.payer) == (date(2026, 11, 20), Decimal(24500), "深圳华丰电器有限公司")


def test_an_xlsx_is_read_with_its_days_and_exact_amounts() -> None:
    book = Workbook()
    book.active.append(HEAD.split(","))
    book.active.append([date(2026, 11, 20), "甲公司", 1234.56, "=1+1", 42])
    content = BytesIO()
    book.save(content)
    line = read_lines(read_rows(content.getvalue(), "xlsx"), 0, COLUMNS).lines[0]
    assert (line.on, line.amount, line.reference) == (date(2026, 11, 20), Decimal("1234.56"), "42")


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"])
@pytest.mark.parametrize("content", [rb'="x9"', rb'="-1"', b"garbage"])
def test_a_workbook_whose_parts_are_wrong_is_no_table(part: str, content: bytes) -> None:
    book = Workbook()
    book.active.append(HEAD.split(","))
    made, spoilt = BytesIO(), BytesIO()
    book.save(made)
    with ZipFile(made) as source, ZipFile(spoilt, "w") as target:
        for name in source.namelist():
            kept = source.read(name)
            wrong = content if content == b"garbage" else re.sub(rb'="\d+"', content, kept)
            target.writestr(name, wrong if name == part else kept)
    with suppress(Unreadable):  # any other fault is one of ours
        assert read_rows(spoilt.getvalue(), "xlsx")[0][:5] == HEAD.split(",")


@pytest.mark.parametrize(
    ("content", "extension", "code"),
    [
        (b"", "csv", "empty"),
        (b"\x00\x01\x02", "csv", "content"),
        (b"\xff\xff\xff\x81", "csv", "encoding"),
        (b"PK\x03\x04 nothing", "xlsx", "content"),
        (b"x" * (2 * 1024 * 1024 + 1), "csv", "size"),
        (b"1,2\n" * 5001, "csv", "rows"),
    ],
)
def test_a_file_that_is_no_table_says_why(content: bytes, extension: str, code: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_rows(content, extension)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026/1/5 09:30:11", date(2026, 1, 5)),
        ("20261120", date(2026, 11, 20)),
        ("2026年1月5日", date(2026, 1, 5)),
        ("2026-13-01", None),
        ("合计", None),
    ],
)
def test_days_as_banks_write_them(text: str, day: date | None) -> None:
    assert as_day(text) == day


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("24,500.00", Decimal(24500)),
        ("￥1,000", Decimal(1000)),
        ("CNY 12.5", Decimal("12.5")),
        ("-3", Decimal(-3)),
        ("1.234", None),
        ("abc", None),
        ("=1+1", None),
        ("99999999999", None),
        ("1e5", None),
        ("1,234,567.5", Decimal("1234567.5")),
        ("12,5", None),
        ("1234,56", None),
        ("1,2345", None),
    ],
)
def test_amounts_as_banks_write_them(text: str, amount: Decimal | None) -> None:
    assert as_amount(text) == amount


def test_money_that_went_out_and_sums_are_no_lines_and_a_wrong_amount_is_a_fault() -> None:
    rows = read_rows(
        csv_of("2026-11-20,甲,5,x,1", "2026-11-20,乙,-5,x,2", "2026-11-20,丙,,x,3", "合计,,10,,").encode(),
        "csv",
    )
    reading = read_lines(rows, 0, COLUMNS)
    assert ([line.payer for line in reading.lines], reading.skipped, reading.faulty) == (["甲"], 3, ())
    assert read_lines(rows, 0, {**COLUMNS, "amount": 1}).faulty == (2, 3, 4)


def test_an_amount_without_a_sign_is_money_received_only_where_its_direction_says_so() -> None:
    """ICBC, CCB and others write one column of amounts and 借 or 贷 beside it."""
    text = "交易日期,借贷标志,交易金额,对方户名\n20261120,贷,100.00,甲\n20261120,借,7.00,乙\n20261121,支出,8.00,丙"
    rows = read_rows(text.encode("gb18030"), "csv")
    columns = guessed(rows[0])
    assert columns == {"on": 0, "direction": 1, "amount": 2, "payer": 3}
    reading = read_lines(rows, 0, columns)
    assert [(line.payer, line.amount) for line in reading.lines] == [("甲", Decimal("100.00"))]
    assert reading.skipped == 2


def test_the_preview_counts_with_the_direction_it_proposes(finance: User) -> None:
    text = "交易日期,借贷标志,交易金额,对方户名\n20261120,贷,100.00,甲\n20261120,借,7.00,乙"
    statement = upload_statement(actor=finance, name="b.csv", content=text.encode("gb18030"), extension="csv")
    page = signed_in(finance).get(reverse("applications:desk_statement", args=[statement.pk]))
    assert "money received in 1 rows, 1 rows left out" in page.content.decode()


@pytest.fixture
def finance(db: None) -> User:
    return make_user(Role.FINANCE)


@pytest.fixture
def invoice(finance: User) -> Invoice:
    return sent_invoice(accepted_contract(), finance)


def taken_over(finance: User, *lines: str, name: str = "bank.csv") -> BankStatement:
    statement = upload_statement(actor=finance, name=name, content=csv_of(*lines).encode(), extension="csv")
    take_over(statement=statement, actor=finance, header=0, columns=COLUMNS)
    return BankStatement.objects.get(pk=statement.pk)


def line_for(invoice: Invoice, finance: User, **changes: str) -> BankLine:
    facts = {
        "day": clock.today().isoformat(),
        "payer": invoice.organisation.name,
        "amount": str(invoice.total),
        "purpose": f"认证费{invoice.number}",
        "mark": "T1",
        **changes,
    }
    taken_over(finance, ",".join(facts.values()), name=f"{facts['mark']}.csv")
    return BankLine.objects.get(reference=facts["mark"])


def test_the_same_file_and_the_same_line_are_taken_once(finance: User) -> None:
    first = "2026-11-20,甲,5,x,T1"
    taken_over(finance, first)
    with pytest.raises(ValidationError, match="uploaded already"):
        taken_over(finance, first)
    again = taken_over(finance, first, "2026-11-21,乙,6,y,T2")
    assert (BankLine.objects.count(), again.known) == (2, 1)
    with pytest.raises(WrongState):
        take_over(statement=again, actor=finance, header=0, columns=COLUMNS)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_statements_that_overlap_are_taken_over_at_once_and_each_line_stays_one() -> None:
    finance, known = (
        make_user(Role.FINANCE),
        [f"2026-11-20,甲,{number},x,T{number}" for number in range(1, 300)],
    )
    statements = [
        upload_statement(
            actor=finance,
            name=f"{day}.csv",
            content=csv_of(*known, f"2026-11-2{day},乙,7,y,U{day}").encode(),
            extension="csv",
        )
        for day in range(1, 5)
    ]
    take = partial(take_over, actor=finance, header=0, columns=COLUMNS)
    results = at_once([partial(take, statement=statement) for statement in statements])
    assert all(isinstance(result, TakenOver) for result in results), results
    assert sum(result.new for result in results if isinstance(result, TakenOver)) == 303
    assert BankLine.objects.count() == 303


def test_two_equal_payments_without_a_reference_are_two(finance: User) -> None:
    taken_over(finance, "2026-11-20,甲,5,x,", "2026-11-20,甲,5,x,")
    overlapping = taken_over(finance, "2026-11-20,甲,5,x,", "2026-11-20,甲,5,x,", "2026-11-22,甲,5,x,")
    assert (BankLine.objects.count(), overlapping.known) == (3, 2)


def test_wrong_columns_store_nothing(finance: User) -> None:
    content = csv_of("2026-11-20,甲,5,x,1").encode()
    statement = upload_statement(actor=finance, name="a.csv", content=content, extension="csv")
    with pytest.raises(NotReady, match="cannot be read: 2"):
        take_over(statement=statement, actor=finance, header=0, columns={**COLUMNS, "amount": 1})
    assert not BankLine.objects.exists()
    assert BankStatement.objects.get().imported_at is None


def test_a_line_pays_what_it_holds_and_no_more(invoice: Invoice, finance: User) -> None:
    line = line_for(invoice, finance, amount="1000")
    pay(invoice, finance, "600", bank_line=line.pk)
    with pytest.raises(WrongState, match="entered already"):
        pay(invoice, finance, "600", bank_line=line.pk)
    invoice = pay(invoice, finance, "400", bank_line=line.pk)
    assert (invoice.paid, left_of(line)) == (1000, 0)
    entry = invoice.payments.first()
    take("reverse_payment", invoice, finance, payment=entry.pk, reason="Another client.")
    assert left_of(BankLine.objects.get()) == 600


def confirm_url() -> str:
    return reverse("applications:desk_payments_confirm")


def test_safe_proposals_are_entered_together_once_however_often_it_is_pressed(
    invoice: Invoice, finance: User
) -> None:
    line_for(invoice, finance)
    browser = signed_in(finance)
    page = browser.get(confirm_url()).content.decode()
    pair = f"{BankLine.objects.get().pk}-{invoice.pk}-{invoice.total}"
    assert f'value="{pair}"' in page
    key = "0b9f3f6e-2f4e-4a51-9d0e-6f9f1b7a1c11"
    for _press in range(2):
        assert browser.post(confirm_url(), {"pair": pair, "submission": key}).status_code == 302
    assert browser.post(confirm_url(), {"pair": pair}).status_code == 302
    assert Payment.objects.count() == 1
    assert Invoice.objects.get().state == InvoiceState.PAID


def test_a_third_party_is_never_safe_and_needs_a_note(invoice: Invoice, finance: User) -> None:
    line = line_for(invoice, finance, payer="某咨询公司")
    browser = signed_in(finance)
    assert 'name="pair"' not in browser.get(confirm_url()).content.decode()
    address = reverse("applications:desk_bank_line", args=[line.pk])
    page = browser.get(address).content.decode()
    assert "The payer is not" in page
    given = {"invoice": invoice.pk, "amount": str(invoice.total), "note": ""}
    refused = browser.post(address, given)
    assert (refused.status_code, Payment.objects.count()) == (409, 0)
    assert "itself pays its fees" in refused.content.decode()
    assert browser.post(address, given | {"note": "已核实。"}).status_code == 302
    assert Payment.objects.get().is_third_party


def test_an_exact_amount_of_the_client_is_proposed_and_another_amount_is_not(
    invoice: Invoice, finance: User
) -> None:
    line_for(invoice, finance, purpose="转账", mark="T1")
    line_for(invoice, finance, purpose="转账", mark="T2", amount="77")
    page = signed_in(finance).get(reverse("applications:desk_payments")).content.decode()
    assert page.count(f"{invoice.number} · ") == 1
    assert page.count("Choose the invoice") == 1


def test_two_lines_for_one_invoice_are_not_both_safe(invoice: Invoice, finance: User) -> None:
    for mark in ("T1", "T2"):
        line_for(invoice, finance, mark=mark)
    page = signed_in(finance).get(confirm_url()).content.decode()
    assert page.count('name="pair"') == 1


def test_a_statement_goes_from_upload_over_its_columns_to_its_lines(finance: User) -> None:
    browser = signed_in(finance)
    file = SimpleUploadedFile("流水.csv", csv_of("2026-11-20,甲<b>,5,=cmd,1").encode("gb18030"))
    uploaded = browser.post(reverse("applications:desk_payments"), {"file": file})
    page = browser.get(uploaded["Location"]).content.decode()
    assert "甲&lt;b&gt;" in page
    assert "money received in 1 rows" in page
    given = {"header": "0", **{name: str(place) for name, place in COLUMNS.items()}}
    assert browser.post(uploaded["Location"], {**given, "amount": ""}).status_code == 422
    assert browser.post(uploaded["Location"], given).status_code == 302
    assert BankLine.objects.get().purpose == "=cmd"
    assert "甲&lt;b&gt;" in browser.get(uploaded["Location"]).content.decode()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.txt", b"x", "as CSV or XLSX"),
        ("a.csv", b"", "holds no rows"),
        ("a.xlsx", b"PK\x03\x04", "a.xlsx"),
        ("a.csv", b"\x00\x00", "is not a table"),
    ],
)
def test_a_bad_statement_is_refused_beside_its_field(finance: User, name, content, sentence) -> None:
    answer = signed_in(finance).post(
        reverse("applications:desk_payments"), {"file": SimpleUploadedFile(name, content)}
    )
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not BankStatement.objects.exists()
