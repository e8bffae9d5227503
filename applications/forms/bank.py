"""Forms of bank statements: the file, its columns, and which invoice a line pays."""

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import area
from applications.forms.invoice import AmountField
from applications.models import BankLine, BankStatement, Invoice
from applications.queries.bank import left_of, open_invoices
from applications.queries.matching import Proposal
from applications.services.bank import REASONS
from applications.services.bank_files import COLUMNS, HEADER_WITHIN, MOST_BYTES, guessed, header_of
from certbody.accounts.models import User
from certbody.files.checks import check_for_infection, check_upload, clean_name
from certbody.web.forms import SentOnceForm

LABELS = {
    "on": _("Day"),
    "amount": _("Amount received"),
    "direction": _("In or out, where a column says it"),
    "payer": _("Payer"),
    "purpose": _("Purpose"),
    "reference": _("Reference of the bank"),
}
NEEDED = frozenset({"on", "amount", "payer"})


class StatementForm(SentOnceForm):
    """The file of the bank. XLSX passes the checks of every upload; CSV is only text."""

    file = forms.FileField(
        label=_("Statement of the bank"),
        allow_empty_file=True,
        help_text=_("CSV (UTF-8 or GB18030) or XLSX; at most 2 MB and 5,000 rows."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx", "data-most-bytes": MOST_BYTES}),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.extension = ""
        self.content = b""
        self.name = ""

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        self.name = clean_name(upload.name or "")
        self.extension = PurePosixPath(self.name).suffix.lstrip(".").lower()
        if self.extension not in {"csv", "xlsx"}:
            raise forms.ValidationError(_("Please upload the statement as CSV or XLSX."), code="type")
        if (upload.size or 0) > MOST_BYTES:
            raise forms.ValidationError(REASONS["size"], code="size")
        if not upload.size:
            raise forms.ValidationError(REASONS["empty"], code="empty")
        party = f"user {self.actor.pk}"
        if self.extension == "xlsx":
            checked = check_upload(upload, party=party)
            self.content = checked.read_all()
        else:
            upload.seek(0)
            self.content = upload.read()
            check_for_infection(self.content, self.name, party)
        return upload


class ColumnsForm(SentOnceForm):
    """Which row holds the headings and which column is what; the usual headings are known."""

    header = forms.TypedChoiceField(label=_("Row of the headings"), coerce=int)

    def __init__(
        self, *args: Any, statement: BankStatement, header: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        rows = statement.rows
        place = header_of(rows) if header is None or not 0 <= header < len(rows) else header
        width = max(len(row) for row in rows)
        head = [*rows[place], *([""] * (width - len(rows[place])))]
        self.fields["header"].choices = [  # type: ignore[attr-defined]
            (number, f"{number + 1}: {' · '.join(cell for cell in row if cell)[:70]}")
            for number, row in enumerate(rows[:HEADER_WITHIN])
        ]
        self.fields["header"].initial = place
        known = guessed(head)
        choices = [(number, f"{number + 1}: {cell[:40]}") for number, cell in enumerate(head)]
        for name in COLUMNS:
            options: list[tuple[Any, Any]] = list(choices)
            if name not in NEEDED or name not in known:
                options.insert(0, ("", _("no column")))
            self.fields[name] = forms.TypedChoiceField(
                label=LABELS[name],
                choices=options,
                coerce=int,
                empty_value=None,
                required=name in NEEDED,
                initial=known.get(name),
            )
        self.order_fields(["header", *COLUMNS])

    def columns(self) -> dict[str, int | None]:
        return {name: self.cleaned_data[name] for name in COLUMNS}


class MatchForm(SentOnceForm):
    """Which invoice a line pays, and how much of it."""

    invoice = forms.ModelChoiceField(
        label=_("Invoice"), queryset=Invoice.objects.none(), empty_label=_("please choose")
    )
    amount = AmountField(label=_("Amount (CNY)"))
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        widget=area(2),
        help_text=_("Needed when somebody else than the client pays: what was clarified with whom."),
    )

    def __init__(
        self, *args: Any, line: BankLine, proposal: Proposal | None, readable: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["invoice"]
        rows = open_invoices().filter(pk__in=readable).order_by("organisation__name", "number")
        field.queryset = rows  # type: ignore[attr-defined]
        field.label_from_instance = _label_of  # type: ignore[attr-defined]
        self.line = line
        if proposal is not None:
            field.initial = proposal.invoice.pk
        self.fields["amount"].initial = proposal.amount if proposal is not None else left_of(line)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        invoice, amount = data.get("invoice"), data.get("amount")
        if amount is not None and amount > left_of(self.line):
            self.add_error("amount", _("This is more than the line still holds."))
        elif invoice is not None and amount is not None and amount > invoice.open_amount:
            self.add_error(
                "amount",
                _("At most CNY %(open)s is open. Enter that much; the rest stays with the bank statement.")
                % {"open": f"{invoice.open_amount:,.2f}"},
            )
        return data


def _label_of(invoice: Invoice) -> str:
    return _("%(number)s · %(organisation)s · open CNY %(open)s") % {
        "number": invoice.number,
        "organisation": invoice.organisation.name,
        "open": f"{invoice.open_amount:,.2f}",
    }
