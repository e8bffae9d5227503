"""Reading the statement of a bank: CSV in UTF-8 or GB18030, or XLSX; plain functions that store nothing.

Every bank has its own columns. The rows are kept as texts; a person says which column is what, helped by a guess from
the usual headings.
"""

import csv
import hashlib
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO, StringIO
from itertools import islice
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 24 * 1024 * 1024  # what 5,000 rows of 40 cells never need; the whole of it is held in memory
MOST_ROWS = 5000
MOST_COLUMNS = 40
LONGEST_CELL = 500
HEADER_WITHIN = 30
MOST_AMOUNT = Decimal("9999999999.99")

Rows = list[list[str]]


class Unreadable(Exception):
    """The file cannot be read as a table; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


COLUMNS = ("on", "amount", "direction", "payer", "purpose", "reference")
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "on": ("交易日期", "记账日期", "入账日期", "交易时间", "日期", "transactiondate", "date"),
    "amount": (
        "贷方发生额", "贷方金额", "收入金额", "收入", "贷方", "交易金额", "金额", "credit", "creditamount", "amount",
    ),
    "direction": ("借贷", "收支", "收付", "往来标志", "direction", "debitcredit", "drcr"),
    "payer": (
        "对方户名", "对方账户名称", "付款人名称", "付款人户名", "付款人", "对方名称", "户名", "payer", "counterparty",
    ),
    "purpose": ("用途", "附言", "摘要", "备注", "purpose", "remark", "remarks", "description"),
    "reference": ("交易流水号", "流水号", "凭证号", "交易序号", "参考号", "reference", "serialnumber"),
}  # fmt: skip

# From the account's holder: a debit (借) on the statement of a bank is money that went out.
WENT_OUT = frozenset(
    {"借", "借方", "借记", "支", "支出", "付", "付款", "转出", "往账", "d", "dr", "debit", "out"}
)


def read_rows(content: bytes, extension: str) -> Rows:
    """The cells of a file as texts, without empty rows. Raises Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable("size")
    rows = _of_xlsx(content) if extension == "xlsx" else _of_csv(content)
    found = [row for row in rows if any(row)]
    if not found:
        raise Unreadable("empty")
    if len(found) > MOST_ROWS:
        raise Unreadable("rows")
    return found


def _of_csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    if "\0" in text:
        raise Unreadable("content")
    head = text[:4000]
    delimiter = max(",;\t", key=head.count)
    try:
        for row in islice(csv.reader(StringIO(text), delimiter=delimiter), MOST_ROWS * 2):
            yield [_clean(cell) for cell in row[:MOST_COLUMNS]]
    except csv.Error:
        raise Unreadable("content") from None


def _decoded(content: bytes) -> str:
    """UTF-8 first: a file in GB18030 is hardly ever valid UTF-8, the other way round often."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("encoding")


# what openpyxl and the standard library raise for a package that is none, or whose parts are not what they should be
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    BadZipFile,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,  # of XML
    TypeError,
    ValueError,
    zlib.error,
)


def _of_xlsx(content: bytes) -> Iterator[list[str]]:
    """The first sheet, read only; formulas give what the bank's program computed last."""
    try:
        with ZipFile(BytesIO(content)) as package:
            unpacked = sum(member.file_size for member in package.infolist())
        if unpacked > MOST_UNPACKED:  # no member gives more than it declares
            raise Unreadable("size")
        book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            for row in sheet.iter_rows(max_row=MOST_ROWS * 2, max_col=MOST_COLUMNS, values_only=True):
                yield [_clean(_as_text(cell)) for cell in row]
        finally:
            book.close()
    except UNREADABLE:
        raise Unreadable("content") from None


def _as_text(cell: Any) -> str:
    """A number is written as short as it was typed: openpyxl hands it over in binary, its text is exact to the cent."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _clean(cell: str) -> str:
    """One line without control signs; a formula stays a text, and exports mark it."""
    kept = "".join(sign for sign in cell if sign.isprintable() or sign.isspace())
    return " ".join(kept.split())[:LONGEST_CELL]


def plain(heading: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", heading)).casefold()


def header_of(rows: Sequence[Sequence[str]]) -> int:
    """The place of the row that looks most like headings; banks write some lines above them."""
    known = {plain(word) for words in HEADINGS.values() for word in words}
    scores = [
        sum(any(word in plain(cell) for word in known) for cell in row if cell)
        for row in rows[:HEADER_WITHIN]
    ]
    return scores.index(max(scores))


def guessed(header: Sequence[str]) -> dict[str, int]:
    """Which column is what, as far as the headings say; the first of the usual words wins."""
    plain_cells = [plain(cell) for cell in header]
    found: dict[str, int] = {}
    for name in COLUMNS:
        for word in HEADINGS[name]:
            places = [place for place, cell in enumerate(plain_cells) if cell.startswith(plain(word))]
            free = [place for place in places if place not in found.values()]
            if free:
                found[name] = free[0]
                break
    return found


DAY = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T].*)?$")


def as_day(text: str) -> date | None:
    """A day as banks write it: 2026-11-22, 2026/11/22, 20261122 or 2026年11月22日, a time behind it or not."""
    found = DAY.match(text.strip())
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def as_amount(text: str) -> Decimal | None:
    """An amount with or without grouped thousands and currency; None when it is none."""
    plain_text = unicodedata.normalize("NFKC", text).upper()
    plain_text = re.sub(r"CNY|RMB|[¥￥元\s]", "", plain_text)
    # a comma groups thousands and is no sign of decimals: 12,5 is a question for people, not 125
    if not re.fullmatch(r"[+-]?(\d{1,12}|\d{1,3}(,\d{3}){1,3})(\.\d{1,6})?", plain_text):
        return None
    plain_text = plain_text.replace(",", "")
    try:
        amount = Decimal(plain_text)
    except InvalidOperation:
        return None
    whole_cents = amount.quantize(Decimal("0.01"))
    return whole_cents if whole_cents == amount and abs(amount) <= MOST_AMOUNT else None


@dataclass(frozen=True)
class Line:
    """Money received; `row` counts the rows of the file from one."""

    row: int
    on: date
    amount: Decimal
    payer: str
    purpose: str
    reference: str
    fingerprint: str


@dataclass(frozen=True)
class Reading:
    """What a file gives with its columns named: lines, rows that are no money received, and rows with a fault."""

    lines: tuple[Line, ...]
    skipped: int
    faulty: tuple[int, ...]


def read_lines(rows: Rows, header: int, columns: Mapping[str, int | None]) -> Reading:
    """Rows without a day are no entries, rows without an amount above zero are money that went out.

    Some banks write every amount without a sign and say in a column of its own which way it went.

    A row with a day and something that is no amount is a fault: nothing is taken over until the columns are right.
    """
    lines, skipped, faulty = [], 0, []
    seen: Counter[str] = Counter()
    for place, row in enumerate(rows[header + 1 :], header + 1):
        on = as_day(_cell(row, columns["on"]))
        written = _cell(row, columns["amount"])
        amount = as_amount(written)
        if on is None or not written.strip("-—– "):
            skipped += 1
        elif amount is None:
            faulty.append(place + 1)
        elif amount <= 0 or plain(_cell(row, columns.get("direction"))) in WENT_OUT:
            skipped += 1
        else:
            facts = [on.isoformat(), f"{amount:.2f}"]
            facts += [_cell(row, columns.get(name)) for name in ("payer", "purpose", "reference")]
            mark = fingerprint_of(facts, seen)
            lines.append(Line(place + 1, on, amount, facts[2][:200], facts[3], facts[4][:120], mark))
    return Reading(tuple(lines), skipped, tuple(faulty))


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""


def fingerprint_of(facts: Iterable[str], seen: Counter[str]) -> str:
    """Knows a line that comes again, in the same statement or an overlapping one.

    With a reference of the bank it is the line itself. Without one two equal lines of a file are two payments, so the
    second one is known as the second.
    """
    *_others, reference = known = list(facts)
    text = "\x1f".join(known)
    seen[text] += 1
    place = 1 if reference else seen[text]
    return hashlib.sha256(f"{text}\x1f{place}".encode()).hexdigest()
