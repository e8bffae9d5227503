"""Taking over the statement of a bank; each line is stored once, whatever is uploaded twice."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from applications.models import BankLine, BankStatement
from applications.services.bank_files import Line, Unreadable, read_lines, read_rows
from certbody import clock
from certbody.accounts.models import User
from certbody.trail.services import append
from certbody.workflow import NotReady, WrongState

REASONS = {
    "size": _("The statement is larger than 2 MB, or unpacks to far more: please export a shorter period."),
    "rows": _("The statement has more than 5,000 rows: please export a shorter period."),
    "empty": _("The file holds no rows."),
    "content": _(
        "This file is not a table that can be read: please export the statement as CSV or XLSX again."
    ),
    "encoding": _("The letters of this file cannot be read: please save it as CSV in UTF-8 or GB18030."),
}
KNOWN_FILE = _("This file was uploaded already.")


def upload_statement(*, actor: User, name: str, content: bytes, extension: str) -> BankStatement:
    """Keep the rows of a statement until its columns are named. Raises ValidationError with a sentence."""
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        rows = read_rows(content, extension)
    except Unreadable as fault:
        raise ValidationError(REASONS[fault.code], code=fault.code) from None
    with transaction.atomic():
        try:
            with transaction.atomic():
                statement = BankStatement.objects.create(
                    name=name[:160], sha256=sha256, rows=rows, uploaded_by=actor.person
                )
        except IntegrityError:
            raise ValidationError(KNOWN_FILE, code="known") from None
        append(
            name="bank_statement.uploaded",
            obj=statement,
            case=None,
            user=actor,
            data={"sha256": sha256, "rows": len(rows)},
        )
    return statement


@dataclass(frozen=True)
class TakenOver:
    new: int
    known: int


def take_over(
    *, statement: BankStatement, actor: User, header: int, columns: Mapping[str, int | None]
) -> TakenOver:
    """Store the lines of money received; those that are there already stay as they are.

    Raises NotReady when a row cannot be read with these columns, WrongState when it was done before.
    """
    with transaction.atomic():
        fresh = BankStatement.objects.select_for_update(no_key=True).get(pk=statement.pk)
        if fresh.imported_at is not None:
            raise WrongState(_("The lines of this statement have been taken over already."))
        reading = read_lines(fresh.rows, header, columns)
        if reading.faulty:
            raise NotReady(
                _("Rows whose amount cannot be read: %(rows)s. Please choose other columns.")
                % {"rows": ", ".join(str(row) for row in reading.faulty[:10])}
            )
        if not reading.lines:
            raise NotReady(_("With these columns the file holds no money received."))
        new = _store_once(fresh, reading.lines)
        fresh.imported_at = clock.now()
        fresh.known, fresh.skipped = len(reading.lines) - new, reading.skipped
        fresh.save(update_fields=["imported_at", "known", "skipped"])
        append(
            name="bank_statement.taken_over",
            obj=fresh,
            case=None,
            user=actor,
            data={"lines": new, "known": fresh.known, "skipped": fresh.skipped},
        )
    return TakenOver(new=new, known=fresh.known)


def _store_once(statement: BankStatement, lines: Sequence[Line]) -> int:
    """Store them, again where another statement that overlaps is taken over at the same moment: its lines are known."""
    try:
        with transaction.atomic():
            return _store(statement, lines)
    except IntegrityError:
        return _store(statement, lines)


def _store(statement: BankStatement, lines: Sequence[Line]) -> int:
    marks = [line.fingerprint for line in lines]
    taken = set(BankLine.objects.filter(fingerprint__in=marks).values_list("fingerprint", flat=True))
    rows: dict[str, BankLine] = {}
    for line in lines:
        if line.fingerprint not in taken:
            rows.setdefault(
                line.fingerprint,
                BankLine(
                    statement=statement,
                    row=line.row,
                    on=line.on,
                    amount=line.amount,
                    payer=line.payer,
                    purpose=line.purpose,
                    reference=line.reference,
                    fingerprint=line.fingerprint,
                ),
            )
    BankLine.objects.bulk_create(rows.values())
    return len(rows)
