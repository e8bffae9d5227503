"""Forms of invoices and payments."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from applications.fees.amounts import ZERO, in_equal_parts, line_amount, total_of
from applications.forms.fields import PrintedField, area
from applications.models import Invoice, InvoiceTitle, Payment
from applications.models.invoice import BUYER_FIELDS
from applications.queries.lowered import proposed_credit
from applications.services.invoices import MOST_INSTALMENTS
from applications.services.payments import kept_of
from applications.states.invoices import InvoiceKind, ItemKey, PaymentKind, TaxInvoice
from applications.transitions import invoice as steps
from certbody import clock
from certbody.web.edits import EditedForm, EditedStepForm
from certbody.web.forms import DayField, SentOnceForm, StepForm
from certbody.web.steps import register_form

MOST = Decimal("9999999999.99")


class AmountField(forms.DecimalField):
    """An amount in CNY, in whole cents."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", Decimal("0.01"))
        options.setdefault("widget", forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}))
        super().__init__(max_value=MOST, max_digits=12, decimal_places=2, **options)


class PastDayField(DayField):
    """A day that is not ahead."""

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and value > clock.today():
            raise forms.ValidationError(_("This day lies ahead."), code="ahead")


class NewInvoiceForm(SentOnceForm):
    kind = forms.ChoiceField(
        label=_("What is invoiced?"), choices=InvoiceKind.choices, widget=forms.RadioSelect
    )


class LinesForm(EditedStepForm):
    """A row for everything that an invoice can ask for; rows without an amount are left out."""

    note = forms.CharField(
        label=_("Note for the client, printed on the invoice"), max_length=300, required=False, widget=area(2)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # the fields of the rows must be there before the stored values fill them
        self._rows = self._row_fields()
        self.base_fields = {**self.base_fields, **self._rows}
        super().__init__(*args, **kwargs)

    @staticmethod
    def _row_fields() -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {}
        for key in ItemKey:
            fields[f"quantity_{key}"] = forms.DecimalField(
                label=_("Quantity"),
                required=False,
                min_value=ZERO,
                max_value=Decimal(10_000),
                max_digits=7,
                decimal_places=2,
                widget=forms.NumberInput(attrs={"step": "0.5"}),
            )
            fields[f"price_{key}"] = AmountField(label=_("Unit price (CNY)"), required=False, min_value=ZERO)
        return fields

    def stored_values(self, obj: Invoice) -> Mapping[str, Any]:
        values: dict[str, Any] = {"note": obj.note}
        found = {line.key: line for line in obj.lines.all()}
        for key in ItemKey:
            line = found.get(key.value)
            values[f"quantity_{key}"] = line.quantity if line else None
            values[f"price_{key}"] = line.unit_price if line else None
        return values

    def rows(self) -> Iterator[tuple[str, forms.BoundField, forms.BoundField]]:
        for key in ItemKey:
            yield str(key.label), self[f"quantity_{key}"], self[f"price_{key}"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for key in ItemKey:
            quantity, price = data.get(f"quantity_{key}"), data.get(f"price_{key}")
            if bool(quantity) != bool(price) and not self._faulty(key):
                self.add_error(
                    f"price_{key}" if quantity else f"quantity_{key}",
                    _("A line needs both a quantity and a unit price."),
                )
            elif quantity and price and not 0 < line_amount(quantity, price) <= MOST:
                self.add_error(f"price_{key}", _("This line comes to no possible amount."))
        if not self.errors and not self._lines():
            raise forms.ValidationError(_("An invoice needs at least one line."))
        return data

    def _faulty(self, key: ItemKey) -> bool:
        return f"quantity_{key}" in self.errors or f"price_{key}" in self.errors

    def _lines(self) -> dict[str, tuple[Decimal, Decimal]]:
        data = self.cleaned_data
        return {
            key.value: (data[f"quantity_{key}"], data[f"price_{key}"])
            for key in ItemKey
            if data.get(f"quantity_{key}") and data.get(f"price_{key}")
        }

    def step_data(self) -> dict[str, Any]:
        return {"lines": self._lines(), "note": self.cleaned_data["note"]}


class PlanForm(EditedStepForm):
    """Up to six instalments, each with its day."""

    ROWS = MOST_INSTALMENTS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        fields: dict[str, forms.Field] = {}
        for number in range(1, self.ROWS + 1):
            fields[f"due_{number}"] = DayField(label=_("Due on"), required=False)
            fields[f"amount_{number}"] = AmountField(label=_("Amount (CNY)"), required=False)
        self.base_fields = {**self.base_fields, **fields}
        super().__init__(*args, **kwargs)

    def stored_values(self, obj: Invoice) -> Mapping[str, Any]:
        parts = list(obj.instalments.all())[: self.ROWS]
        values: dict[str, Any] = {}
        for number in range(1, self.ROWS + 1):
            part = parts[number - 1] if number <= len(parts) else None
            values[f"due_{number}"] = part.due_on if part else None
            values[f"amount_{number}"] = part.amount if part else None
        return values

    def rows(self) -> Iterator[tuple[int, forms.BoundField, forms.BoundField]]:
        for number in range(1, self.ROWS + 1):
            yield number, self[f"due_{number}"], self[f"amount_{number}"]

    def equal_parts(self) -> list[Decimal]:
        """Two equal parts of the total, as a help to type."""
        return in_equal_parts(self.obj.total, 2)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for number in range(1, self.ROWS + 1):
            due, amount = data.get(f"due_{number}"), data.get(f"amount_{number}")
            names = (f"due_{number}", f"amount_{number}")
            if (due is None) != (amount is None) and not any(name in self.errors for name in names):
                self.add_error(
                    names[0] if due is None else names[1], _("An instalment needs its day and its amount.")
                )
        parts = self._parts()
        if not self.errors and len({day for day, _amount in parts}) != len(parts):
            raise forms.ValidationError(_("Each instalment needs a day of its own."))
        if not self.errors and parts and total_of(amount for _day, amount in parts) != self.obj.total:
            raise forms.ValidationError(
                _("The instalments add up to CNY %(sum)s; the invoice has CNY %(total)s."),
                params={
                    "sum": f"{total_of(amount for _day, amount in parts):,.2f}",
                    "total": f"{self.obj.total:,.2f}",
                },
            )
        return data

    def _parts(self) -> list[tuple[date, Decimal]]:
        data = self.cleaned_data
        rows = [(data.get(f"due_{n}"), data.get(f"amount_{n}")) for n in range(1, self.ROWS + 1)]
        return [(day, amount) for day, amount in rows if day is not None and amount is not None]

    def step_data(self) -> dict[str, Any]:
        return {"parts": self._parts()}


class SendForm(StepForm):
    def consequence(self) -> Any:
        return _("%(organisation)s is asked to pay CNY %(total)s. The invoice can no longer be changed.") % {
            "organisation": self.obj.organisation.name,
            "total": f"{self.obj.total:,.2f}",
        }


class DiscardForm(StepForm):
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=area(2))


class PaymentForm(StepForm):
    amount = AmountField(label=_("Amount (CNY)"))
    on = PastDayField(label=_("Day at the bank"))
    payer = PrintedField(label=_("Payer as on the bank statement"), max_length=200)
    reference = PrintedField(label=_("Reference of the bank"), max_length=120, required=False)
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        widget=area(2),
        help_text=_("Needed when somebody else than the client pays: what was clarified with whom."),
    )

    def __init__(self, *args: Any, obj: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        following = obj.open_parts()
        self.fields["amount"].initial = following[0].amount if following else None
        self.fields["on"].initial = clock.today()
        self.fields["payer"].initial = obj.organisation.name

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount > self.obj.open_amount:
            raise forms.ValidationError(
                _("At most CNY %(open)s is open. Enter that much; the rest stays with the bank statement."),
                params={"open": f"{self.obj.open_amount:,.2f}"},
            )
        return amount


class ElectronicForm(EditedStepForm):
    number = forms.CharField(
        label=_("Number of the electronic invoice"),
        max_length=20,
        validators=[RegexValidator(r"^\d{8}(\d{4}|\d{12})?$", _("This number has 8, 12 or 20 digits."))],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    on = PastDayField(label=_("Day of the electronic invoice"))

    def stored_values(self, obj: Invoice) -> Mapping[str, Any]:
        return {"number": obj.electronic_number, "on": obj.electronic_on}

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        other = Invoice.objects.filter(electronic_number=number).exclude(pk=self.obj.pk).first()
        if other is not None:
            raise forms.ValidationError(
                _("This number stands with invoice %(number)s already."), params={"number": other.number}
            )
        return number


class CreditForm(StepForm):
    """How much of each line is taken back; nothing in a row means nothing of it."""

    reason = forms.CharField(label=_("Reason, as the client will read it"), max_length=300, widget=area(2))

    def __init__(self, *args: Any, obj: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        self._left: dict[int, Decimal] = {}
        proposed = proposed_credit(obj)  # after an amendment that lowers the fees; else the whole
        for line in obj.lines.prefetch_related("credits"):
            left = line.amount + total_of(row.amount for row in line.credits.all())
            if left:
                self._left[line.pk] = left
                self.fields[f"line_{line.pk}"] = AmountField(
                    label=line.get_key_display(),
                    required=False,
                    min_value=ZERO,
                    initial=proposed.get(line.pk) if proposed else left,
                    help_text=_("At most CNY %(left)s.") % {"left": f"{left:,.2f}"},
                )
        self.order_fields([*(f"line_{pk}" for pk in self._left), "reason"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for pk, left in self._left.items():
            if (data.get(f"line_{pk}") or ZERO) > left:
                self.add_error(f"line_{pk}", _("This is more than the line still has."))
        if not self.errors and not self._amounts():
            raise forms.ValidationError(_("Please say for at least one line how much is credited."))
        return data

    def _amounts(self) -> dict[int, Decimal]:
        amounts = {pk: self.cleaned_data.get(f"line_{pk}") for pk in self._left}
        return {pk: amount for pk, amount in amounts.items() if amount}

    def step_data(self) -> dict[str, Any]:
        return {"amounts": self._amounts(), "reason": self.cleaned_data["reason"]}


def _label_of(payment: Payment) -> str:
    return _("%(day)s · CNY %(amount)s · %(payer)s") % {
        "day": payment.on.isoformat(),
        "amount": f"{kept_of(payment):,.2f}",
        "payer": payment.payer,
    }


class CounterForm(StepForm):
    """A step about one payment of the invoice."""

    payment = forms.TypedChoiceField(label=_("Payment"), coerce=int)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=area(2))
    is_whole = True

    def __init__(self, *args: Any, obj: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        rows = obj.payments.filter(kind=PaymentKind.PAYMENT).prefetch_related("counter_entries")
        usable = [row for row in rows if kept_of(row) == row.amount or (not self.is_whole and kept_of(row))]
        choices = self.fields["payment"]
        choices.choices = [(row.pk, _label_of(row)) for row in usable]  # type: ignore[attr-defined]


class RefundForm(CounterForm):
    is_whole = False

    amount = AmountField(label=_("Amount (CNY)"))
    on = PastDayField(label=_("Day at the bank"))
    reference = PrintedField(label=_("Reference of the bank"), max_length=120)

    field_order = ("payment", "amount", "on", "reference", "reason")

    def __init__(self, *args: Any, obj: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        self.fields["amount"].initial = obj.to_refund or None
        self.fields["on"].initial = clock.today()

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount > self.obj.to_refund:
            raise forms.ValidationError(
                _("Only CNY %(most)s was paid beyond what is owed."),
                params={"most": f"{self.obj.to_refund:,.2f}"},
            )
        return amount


class TitleForm(EditedForm):
    """The invoice title of an organisation, as its people want it."""

    wants = forms.ChoiceField(
        label=_("Kind of electronic invoice"), choices=TaxInvoice.choices, widget=forms.RadioSelect
    )
    title = PrintedField(label=_("Invoice title"), max_length=120)
    taxpayer_number = forms.CharField(
        label=_("Taxpayer number"),
        max_length=20,
        validators=[RegexValidator(r"^[0-9A-Z]{15,20}$", _("15 to 20 digits and upper-case letters."))],
        help_text=_("For companies the unified social credit code."),
    )
    address = PrintedField(label=_("Address"), max_length=200, required=False)
    phone = PrintedField(label=_("Telephone"), max_length=40, required=False)
    bank = PrintedField(label=_("Bank"), max_length=120, required=False)
    account = forms.CharField(
        label=_("Bank account"),
        max_length=40,
        required=False,
        validators=[RegexValidator(r"^[0-9 -]{6,40}$", _("Digits, blanks and hyphens only."))],
    )

    edited = BUYER_FIELDS

    def clean_taxpayer_number(self) -> str:
        return str(self.cleaned_data["taxpayer_number"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("wants") == TaxInvoice.SPECIAL:
            for name in ("address", "phone", "bank", "account"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("A special VAT invoice needs this."))
        return data

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in BUYER_FIELDS}

    def stored_values(self, obj: InvoiceTitle) -> Mapping[str, Any]:
        return {name: getattr(obj, name) for name in BUYER_FIELDS}


def register_invoice_forms() -> None:
    """Give the steps of an invoice their forms; `certbody.web.steps` shows them."""
    register_form(steps.REVISE.event, LinesForm, "applications/invoices/lines_step.html")
    register_form(steps.PLAN.event, PlanForm, "applications/invoices/plan_step.html")
    for step, form in (
        (steps.SEND, SendForm),
        (steps.DISCARD, DiscardForm),
        (steps.RECORD_PAYMENT, PaymentForm),
        (steps.RECORD_ELECTRONIC, ElectronicForm),
        (steps.CREDIT, CreditForm),
        (steps.REVERSE, CounterForm),
        (steps.REFUND, RefundForm),
    ):
        register_form(step.event, form)
