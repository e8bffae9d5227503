"""A list leaves the house as text: no cell becomes a formula, and only the rows that the list shows (item 25)."""

import csv
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.clock import BODY_ZONE
from certbody.web import exports
from certbody.web.exports import as_cell, as_csv, as_xlsx, marked
from tests.accounts.doors import SecurityLog
from tests.matrix.whole_road import issued_certificate
from tests.road.applications import begun_application, make_organisation
from tests.road.people import make_user

FORMULAS = (
    '=HYPERLINK("http://evil.example/","here")',
    "=1+1",
    "+1",
    "-1",
    "@SUM(1,2)",
    "|calc",
    "%0A",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u3000=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "'=1+1",
    "''",
    '"quoted", and more',
    "美的集团",
    "",
)
LISTS = ("applications", "contracts", "organisations", "audits", "certificates")


def rows_of(answer: HttpResponse) -> list[list[Any]]:
    """What a spreadsheet reads, days as days."""
    if answer["Content-Type"].startswith("text/csv"):
        text = answer.content.decode("utf-8-sig")
        return [[cell.removeprefix("'") for cell in row] for row in csv.reader(StringIO(text, newline=""))]
    sheet = load_workbook(BytesIO(answer.content)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_item_25_every_text_of_a_workbook_is_a_text_and_comes_back_as_it_was() -> None:
    book = load_workbook(BytesIO(as_xlsx([FORMULAS]).content))
    cells = [cell for cell in book.active[1] if cell.value is not None]
    assert [cell.value for cell in cells] == [text for text in FORMULAS if text]
    assert {cell.data_type for cell in cells} == {"s"}


def test_the_columns_of_a_workbook_are_as_wide_as_their_contents_and_the_heading_stays() -> None:
    rows = [["No.", "Organisation", "Remark"], ["1", "深圳市新星电器股份有限公司", "x" * 500], [None, "", ""]]
    sheet = load_workbook(BytesIO(as_xlsx(rows).content)).active
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths == [exports.NARROWEST, 2 * 13 + 2, exports.WIDEST]
    assert sheet.freeze_panes == "A2"


def test_item_25_no_cell_of_a_csv_begins_like_a_formula_and_each_comes_back_as_it_was() -> None:
    content = as_csv([FORMULAS]).content
    assert content.startswith("\ufeff".encode()), "Excel in Chinese reads a file without the mark as GBK"
    (read,) = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""))
    assert [cell for cell in read if cell[:1] in set("=+-@|%\t\r\n ＝＋－＠\u3000")] == []
    assert [cell.removeprefix("'") for cell in read] == list(FORMULAS)


def test_item_25_quotes_and_line_ends_follow_rfc_4180() -> None:
    assert as_csv([['a "b", c', "d\ne"]]).content.decode("utf-8-sig") == '"a ""b"", c","d\ne"\r\n'


def test_item_25_days_and_numbers_stay_days_and_numbers() -> None:
    late = datetime(2027, 3, 1, 0, 30, tzinfo=BODY_ZONE)
    values = [as_cell(value) for value in (date(2027, 3, 1), late, Decimal("12.50"), 3, None, -1)]
    assert values == [date(2027, 3, 1), date(2027, 3, 1), Decimal("12.50"), 3, None, -1]
    assert [marked(value) for value in values] == values
    first = load_workbook(BytesIO(as_xlsx([values]).content)).active[1][0]
    assert (first.is_date, first.number_format) == (True, "yyyy-mm-dd")


def test_item_25_signs_that_no_workbook_may_hold_are_replaced() -> None:
    text = as_cell("a\x00\x0bb" + "c" * 40_000)
    assert isinstance(text, str)
    assert text.startswith("a\ufffd\ufffdb")
    assert len(text) == 32_767
    assert load_workbook(BytesIO(as_xlsx([[text]]).content)).active["A1"].value == text


@pytest.fixture
def reviewer(db: None) -> User:
    return make_user(Role.REVIEWER)


def signed_in(user: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def begin(name: str) -> Any:
    applicant = make_user()
    return begun_application(applicant, make_organisation(applicant, name=name))


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_item_25_an_export_holds_exactly_the_filtered_rows_in_the_order_of_the_page(
    reviewer: User, file_format: str, security_log: SecurityLog
) -> None:
    names = ["=cmd|' /C calc'!A0", "＝1+1 有限公司", "甲 =1"]
    for name in names:
        begin(name)
    gone = begin("撤回")
    type(gone).objects.filter(pk=gone.pk).update(state="withdrawn")
    client = signed_in(reviewer)
    query = f"/desk/applications/?state=draft&sort=-reference&page=1&export={file_format}"
    head, *rows = rows_of(client.get(query))
    assert head == ["Organisation", "Case", "State", "Submission", "Submitted", "Reviewer"]
    assert [row[0] for row in rows] == names[::-1]
    assert {row[2] for row in rows} == {"draft"}
    (line,) = security_log.lines("list exported")
    assert (line["list"], line["format"], line["rows"], line["user"], line["result"]) == (
        "applications",
        file_format,
        3,
        reviewer.pk,
        "ok",
    )


def test_item_25_an_export_asks_as_many_queries_for_three_rows_as_for_one(reviewer: User) -> None:
    client, counts = signed_in(reviewer), []
    for number in (1, 2):
        for _each in range(number):
            begin("")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(rows_of(client.get("/desk/applications/?export=csv"))) == 1 + (
                number * (number + 1) // 2
            )
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_item_25_a_list_too_long_for_one_file_leads_back_with_a_sentence(reviewer: User) -> None:
    begin("甲"), begin("乙")
    client = signed_in(reviewer)
    with mock.patch.object(exports, "MOST_ROWS", 1):
        answer = client.get("/desk/applications/?state=draft&export=csv", follow=True)
    assert answer.redirect_chain == [("/desk/applications/?state=draft", 302)]
    assert "The list has 2 rows and one file holds at most 1." in answer.content.decode()


def test_item_25_an_unknown_format_is_the_page(reviewer: User) -> None:
    answer = signed_in(reviewer).get("/desk/applications/?export=ods")
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.django_db
def test_item_25_whoever_may_not_open_a_list_takes_nothing_of_it_away(security_log: SecurityLog) -> None:
    certificate = issued_certificate()
    name = certificate.organisation.name
    people = {
        "head": make_user(Role.HEAD),
        "stranger": make_user(Role.AUDITOR),
        "client": certificate.case.organisation.memberships.get().person.users.get(),
    }
    found = {
        (who, what, file_format): signed_in(user).get(f"/desk/{what}/?export={file_format}")
        for who, user in people.items()
        for what in LISTS
        for file_format in ("csv", "xlsx")
    }
    for (who, what, file_format), answer in found.items():
        if who == "head":
            rows = rows_of(answer)
            assert [name in row for row in rows] == [False, True], (what, file_format)
            assert not any("<" in str(cell) for cell in rows[1])
        elif who == "stranger" and what != "certificates":
            assert len(rows_of(answer)) == 1, (what, file_format)
        else:
            assert answer.status_code == (404 if who == "client" else 403)
    assert Client().get("/desk/audits/?export=csv").status_code == 302
    assert len(security_log.lines("list exported")) == 2 * len(LISTS) + 2 * (len(LISTS) - 1)

    heads = {what: " · ".join(rows_of(found["head", what, "csv"])[0]) for what in LISTS}
    assert heads == {  # nothing about a human being of the client
        "applications": "Organisation · Case · State · Submission · Submitted · Reviewer",
        "contracts": "Number · Organisation · State · Person-days · Total (CNY) · Open until",
        "organisations": "Organisation · Credit code · Customer-service owner · Cases · Registered here",
        "audits": "Case · Client · State · Stage 1 · Stage 2",
        "certificates": "Number · Client · Grade · Issued on · Last valid day · State",
    }
    (_head, row) = rows_of(found["head", "certificates", "xlsx"])
    assert row[0] == certificate.number
    assert [cell.date() for cell in row if isinstance(cell, datetime)] == [
        certificate.issued_on,
        certificate.expires_on,
    ]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Export as XLSX"), ("zh-hans", "导出为 XLSX"), ("zh-hant", "導出為 XLSX")]
)
def test_item_25_every_list_offers_its_export_and_keeps_the_filter(
    reviewer: User, language: str, words: str
) -> None:
    client = signed_in(reviewer, language)
    for what in LISTS:
        page = client.get(f"/desk/{what}/?state=draft&page=1").content.decode()
        assert words in page, what
        assert 'href="?state=draft&amp;export=csv"' in page, what
