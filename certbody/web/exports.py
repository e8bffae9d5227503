"""Lists of the desk as files: exactly the rows that the list shows, for whoever may open the list."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any
from unicodedata import east_asian_width

import django_tables2
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

from certbody import clock
from certbody.security_log import note
from certbody.web.views import user_of

MOST_ROWS = (
    10_000  # about two seconds and 60 MB of a worker as XLSX; more would hold up everybody else's pages
)
PARAMETER = "export"
NARROWEST, WIDEST = 10, 60  # digits, the unit in which XLSX measures a column
LONGEST_CELL = 32_767  # characters, the limit of XLSX
MARK = "'"
# What a spreadsheet takes for a formula or a command, in half and full width; the mark itself, so that it can be
# taken away again; and white space, behind which some programs look for the sign.
SUSPICIOUS = re.compile(r"['=+\-@|%\s＇＝＋－＠｜％]")

Cell = str | int | Decimal | date | None


def export_of(request: HttpRequest, table: django_tables2.Table, name: str) -> HttpResponse | None:
    """The list as the file that `?export=` asks for; None when the page itself is asked for.

    The table is the one that the page shows: whoever may read the page may take these rows away, filtered and ordered
    alike. A list that is too long for one file leads back to the page with a sentence, never to a shorter file.
    """
    write = FORMATS.get(request.GET.get(PARAMETER, ""))
    if write is None:
        return None
    count = len(table.data)
    if count > MOST_ROWS:
        sentence = _(
            "The list has %(count)d rows and one file holds at most %(most)d. Narrow the list, then export it."
        )
        messages.warning(request, sentence % {"count": count, "most": MOST_ROWS})
        query = request.GET.copy()
        del query[PARAMETER]
        return redirect(f"{request.path}?{query.urlencode()}")
    django_tables2.RequestConfig(request, paginate=False).configure(table)
    rows = [[str(column.header) for column in table.columns], *_rows(table)]
    response = write(rows)
    extension = request.GET[PARAMETER]
    response["Content-Disposition"] = f'attachment; filename="{name}-{clock.today().isoformat()}.{extension}"'
    note("list exported", user=user_of(request), result="ok", list=name, format=extension, rows=len(rows) - 1)
    return response


def _rows(table: django_tables2.Table) -> Iterator[list[Cell]]:
    """What the columns hold: the words of `value_<column>(record)` where the table has it, else the bare value."""
    words = {column.name: getattr(table, f"value_{column.name}", None) for column in table.columns}
    for record in table.data:
        yield [
            as_cell(say(record) if (say := words[column.name]) else column.accessor.resolve(record))
            for column in table.columns
        ]


def as_cell(value: Any) -> Cell:
    """A value as both formats keep it: days as days, numbers as numbers, all else as text without control signs."""
    if isinstance(value, datetime):
        return value.astimezone(clock.BODY_ZONE).date()
    if value is None or isinstance(value, date | Decimal) or (type(value) is int):
        return value
    return ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", str(value))[:LONGEST_CELL]


def marked(cell: Cell) -> Cell:
    """Text that no spreadsheet takes for a formula: a suspicious beginning gets an apostrophe before it.

    Without its first apostrophe a marked text is the original again.
    """
    return f"{MARK}{cell}" if isinstance(cell, str) and SUSPICIOUS.match(cell) else cell


def as_csv(rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """RFC 4180 with a byte order mark, without which Excel in Chinese reads UTF-8 as GBK."""
    text = StringIO()
    csv.writer(text).writerows([marked(cell) for cell in row] for row in rows)
    return HttpResponse(
        "\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8", headers=_SAVED_ONLY
    )


def as_xlsx(rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    known = list(rows)
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for number, column in enumerate(zip(*known, strict=True), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width_of(column)
    for row in known:
        sheet.append([_xlsx_cell(sheet, cell) for cell in row])
    content = BytesIO()
    book.save(content)
    return HttpResponse(content.getvalue(), content_type=XLSX, headers=_SAVED_ONLY)


def width_of(column: Iterable[Cell]) -> int:
    """How wide a column of a sheet is, in digits: its longest content, within bounds."""
    return min(max(max(map(_width, column)) + 2, NARROWEST), WIDEST)


def _width(cell: Cell) -> int:
    """A Chinese sign takes the room of two digits."""
    text = "" if cell is None else str(cell)[:WIDEST]
    return len(text) if text.isascii() else sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _xlsx_cell(sheet: Any, value: Cell) -> Any:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl takes a text that begins with = for a formula
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SAVED_ONLY = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store, private"}
FORMATS: dict[str, Callable[[Iterable[Sequence[Cell]]], HttpResponse]] = {"csv": as_csv, "xlsx": as_xlsx}
