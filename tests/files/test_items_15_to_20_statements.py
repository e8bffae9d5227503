"""Items 15 and 17 to 20 at the address that takes statements of the bank: XLSX and CSV of strangers."""

import csv
import random
import time
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from applications.models import BankLine, BankStatement
from applications.services.bank import REASONS
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.files.checks import REFUSALS, clean_name
from certbody.files.models import StoredFile
from tests.applications.conftest import signed_in
from tests.files.clamd import EICAR, judged
from tests.files.kit import EXTERNAL_ENTITY, LAUGHS, Sample, samples
from tests.files.making import MEGABYTE
from tests.files.test_item_17_floods import forget_peak, memory, peak
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
WATCHDOG = 20  # seconds; two and a factor of ten for a busy machine


@pytest.fixture
def finance(db: None) -> User:
    return make_user(Role.FINANCE)


def workbook(**parts: bytes) -> bytes:
    """A sound statement; keyword arguments take the place of its parts."""
    book = openpyxl.Workbook()
    book.active.append(["交易日期", "对方户名", "贷方发生额"])
    book.active.append(["2026-11-20", "甲公司", "1.00"])
    sound, changed = BytesIO(), BytesIO()
    book.save(sound)
    named = {f"xl/{name.replace('__', '/')}.xml": content for name, content in parts.items()}
    with ZipFile(sound) as source, ZipFile(changed, "w", ZIP_DEFLATED) as package:
        types = source.read(CONTENT_TYPES).replace(b"</Types>", SHARED_STRINGS + b"</Types>")
        for member in source.namelist():
            if member not in {*named, CONTENT_TYPES}:
                package.writestr(member, source.read(member))
        for member, content in (named | {CONTENT_TYPES: types}).items():
            package.writestr(member, content)
    return changed.getvalue()


CONTENT_TYPES = "[Content_Types].xml"
SHARED_STRINGS = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    b'spreadsheetml.sharedStrings+xml"/>'
)


def sheet(rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def strings(text: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<sst xmlns="{space}"><si><t>{text}</t></si></sst>'.encode()


def a_million_rows() -> bytes:
    return workbook(worksheets__sheet1=sheet("<row><c><v>7</v></c></row>" * 1_000_000))


def a_string_of_140_mb() -> bytes:
    return workbook(sharedStrings=strings("x" * (140 * MEGABYTE)))


def letters_of_30_mb() -> bytes:
    """Packed no closer than honest tables are, so that only its size gives it away."""
    noise = random.Random(27922)
    return workbook(
        sharedStrings=strings("".join(f"{noise.random():.9f}" + "x" * 700 for _cell in range(42_000)))
    )


def hostile_statements() -> dict[str, tuple[str, bytes | Callable[[], bytes]]]:
    head = "交易日期,对方户名,贷方发生额\n"
    return {
        "a million rows": ("a.xlsx", a_million_rows),
        "a string of 140 MB": ("a.xlsx", a_string_of_140_mb),
        "letters of 30 MB": ("a.xlsx", letters_of_30_mb),
        "an external entity": ("a.xlsx", workbook(sharedStrings=EXTERNAL_ENTITY.encode())),
        "a billion laughs": ("a.xlsx", workbook(workbook=LAUGHS.encode())),
        "a billion laughs in the sheet": ("a.xlsx", workbook(worksheets__sheet1=LAUGHS.encode())),
        "a table in another format": ("a.csv", workbook()),
        "a table that is a program": ("a.csv", b"MZ\x90\x00" + b"\0" * 200),
        "a table with a NUL": ("a.csv", head.encode() + b"2026-11-20,\0,1\n"),
        "a table of a million rows": ("a.csv", (head + "1,2,3\n" * 300_000).encode()),
        "a table of empty rows": ("a.csv", b"\n" * 1_900_000),
        "a table whose cell never ends": ("a.csv", (head + '"' + "x" * 1_000_000).encode()),
        "letters of nobody": ("a.csv", b"\xff\xff\xff\x81"),
        "more than 2 MB": ("a.csv", b"1,2,3\n" * 400_000),
        "a page": ("a.html", b"<script>alert(1)</script>"),
        "a name turned round": ("a\u202evsc.exe", b"MZ"),
        "nothing": ("a.csv", b""),
    }


def upload_statement(browser: Client, name: str, content: bytes) -> Any:
    file = SimpleUploadedFile("x", content)
    file._name = name
    return browser.post(reverse("applications:desk_payments"), {"file": file})


STATEMENTS = hostile_statements()


@pytest.mark.parametrize("what", STATEMENTS)
def test_items_17_18_20_a_hostile_statement_is_refused_in_seconds_and_takes_no_memory(what, finance):
    name, made = STATEMENTS[what]
    content, browser = made() if callable(made) else made, signed_in(finance)
    assert upload_statement(browser, "first.doc", b"x").status_code == 422  # templates are loaded by now
    forget_peak()
    before, began = memory(), time.monotonic()
    answer = upload_statement(browser, name, content)
    assert time.monotonic() - began < WATCHDOG
    assert peak() - before < 200 * MEGABYTE
    assert answer.status_code == 422
    said = [str(sentence) for sentence in (*REASONS.values(), "Please upload the statement as CSV or XLSX.")]
    said += [str(sentence) % {"name": clean_name(name)} for sentence in REFUSALS.values()]
    page = answer.content.decode()
    assert any(sentence in page or escape(sentence) in page for sentence in said)
    assert not BankStatement.objects.exists()


def of_interest() -> dict[str, Sample]:
    """What the kit holds for this address, and one of everything else; the largest is refused by its size."""
    kit = samples()
    others = {sample.name.rpartition(".")[2]: (what, sample) for what, sample in kit.items()}
    return dict(others.values()) | {what: sample for what, sample in kit.items() if "xlsx" in sample.name}


def test_items_15_21_the_kit_as_a_statement_of_the_bank_is_refused_and_nothing_is_stored(finance):
    browser, faults = signed_in(finance), []
    for what, sample in of_interest().items():
        answer = upload_statement(browser, sample.name, sample.content)
        faults += [what] if answer.status_code != 422 else []
    assert faults == []
    assert (BankStatement.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_item_18_what_a_statement_says_stays_text(finance):
    text, cells = StringIO(), ["=cmd|' /C calc'!A1", "<script>alert(1)</script>", "{{ 7 }}", "a\u202eb"]
    writer = csv.writer(text)
    writer.writerow(["交易日期", "对方户名", "贷方发生额", "摘要"])
    writer.writerows([["2026-11-20", cell, "1.00", cell] for cell in cells])
    browser = signed_in(finance)
    answer = upload_statement(browser, "../../a\u202e．．\\b.csv", text.getvalue().encode())
    assert answer.status_code == 302
    page = browser.get(answer["Location"]).content.decode()
    assert "<script>alert(1)" not in page
    assert "{{ 7 }}" in page
    statement = BankStatement.objects.get()
    assert not set("/\\\r\n") & set(statement.name)
    columns = {"header": 0, "on": 0, "payer": 1, "amount": 2, "purpose": 3, "direction": "", "reference": ""}
    assert browser.post(answer["Location"], columns).status_code == 302
    assert "\u202e" not in "".join(BankLine.objects.values_list("payer", flat=True))
    assert "<script>alert(1)" not in browser.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_item_19_a_statement_is_looked_through_by_the_scanner_too(scanning, finance, name):
    with scanning(judged):
        content = workbook() if name == "a.xlsx" else "交易日期,对方户名,贷方发生额\n".encode()
        answer = upload_statement(signed_in(finance), name, content + EICAR)
    assert answer.status_code == 422
    assert "carries malicious software" in answer.content.decode()
    assert not BankStatement.objects.exists()
