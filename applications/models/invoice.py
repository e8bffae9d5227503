"""Invoices, what they are paid by and what is credited. Amounts in CNY, the tax included."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.fees.amounts import ZERO, Part, open_parts
from applications.models.bank import BankLine
from applications.models.contract import Contract
from applications.states.invoices import (
    WITHOUT_NUMBER,
    InvoiceKind,
    InvoiceState,
    ItemKey,
    PaymentKind,
    TaxInvoice,
)
from certbody import clock
from certbody.accounts.models import Organisation, Person
from certbody.cases.models import Case
from certbody.files.models import StoredFile


class Buyer(models.Model):
    """The invoice title: to whom an electronic invoice is made out."""

    wants = models.CharField(
        _("kind of electronic invoice"), max_length=8, choices=TaxInvoice, default=TaxInvoice.ORDINARY
    )
    title = models.CharField(_("invoice title"), max_length=120)
    taxpayer_number = models.CharField(_("taxpayer number"), max_length=20)
    address = models.CharField(_("address for the invoice"), max_length=200, blank=True)
    phone = models.CharField(_("telephone for the invoice"), max_length=40, blank=True)
    bank = models.CharField(_("bank"), max_length=120, blank=True)
    account = models.CharField(_("bank account"), max_length=40, blank=True)

    class Meta:
        abstract = True


BUYER_FIELDS = ("wants", "title", "taxpayer_number", "address", "phone", "bank", "account")


class InvoiceTitle(Buyer):
    """The title that the client wants on the invoices of an organisation; invoices keep what they were sent with."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="invoice_title", verbose_name=_("organisation")
    )

    class Meta:
        verbose_name = _("invoice title")
        verbose_name_plural = _("invoice titles")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(wants=TaxInvoice.ORDINARY)
                | ~(Q(address="") | Q(phone="") | Q(bank="") | Q(account="")),
                name="special_invoice_title_is_complete",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Invoice(Buyer):
    """What a client is asked to pay under a contract.

    The number is taken when it is sent. `paid` and `credited` are sums of payments and credit notes, kept with each
    of them; what is open is the total less both. `due_on` is the day of the earliest part that is open. `reminders`
    counts those for that day.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="invoices")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="invoices")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invoices")
    kind = models.CharField(_("for"), max_length=12, choices=InvoiceKind)
    state = models.CharField(
        _("state"), max_length=12, choices=InvoiceState, default=InvoiceState.DRAFT, editable=False
    )
    number = models.CharField(_("invoice number"), max_length=24, blank=True)
    tax_rate = models.DecimalField(_("tax rate (per cent)"), max_digits=5, decimal_places=2)
    total = models.DecimalField(_("total (CNY)"), max_digits=12, decimal_places=2, default=ZERO)
    tax = models.DecimalField(_("of it tax (CNY)"), max_digits=12, decimal_places=2, default=ZERO)
    paid = models.DecimalField(_("paid (CNY)"), max_digits=12, decimal_places=2, default=ZERO)
    credited = models.DecimalField(_("credited (CNY)"), max_digits=12, decimal_places=2, default=ZERO)
    note = models.CharField(_("note for the client"), max_length=300, blank=True)
    sent_on = models.DateField(_("sent on"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0)
    reminded_on = models.DateField(_("reminded on"), null=True, blank=True)
    electronic_number = models.CharField(_("number of the electronic invoice"), max_length=20, blank=True)
    electronic_on = models.DateField(_("day of the electronic invoice"), null=True, blank=True)
    pdf = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    discard_reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="one_invoice_a_number"),
            models.UniqueConstraint(
                fields=["electronic_number"],
                condition=~Q(electronic_number=""),
                name="one_invoice_an_electronic_number",
            ),
            models.CheckConstraint(
                condition=Q(state__in=WITHOUT_NUMBER)
                | (~Q(number="") & Q(sent_on__isnull=False, due_on__isnull=False, total__gt=0)),
                name="invoice_has_its_number_once_sent",
            ),
            models.CheckConstraint(
                condition=Q(paid__gte=0, paid__lte=F("total")), name="invoice_is_paid_within_its_total"
            ),
            models.CheckConstraint(
                condition=Q(credited__gte=0, credited__lte=F("total")),
                name="invoice_is_credited_within_total",
            ),
            models.CheckConstraint(
                condition=Q(tax__gte=0, tax__lte=F("total")), name="invoice_tax_is_part_of_its_total"
            ),
            models.CheckConstraint(
                condition=~Q(state=InvoiceState.CREDITED) | Q(credited=F("total")),
                name="credited_invoice_is_credited_in_full",
            ),
            models.CheckConstraint(
                condition=Q(electronic_number="", electronic_on=None)
                | (~Q(electronic_number="") & Q(electronic_on__isnull=False)),
                name="electronic_invoice_has_its_day",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "due_on"], name="invoice_by_state_and_day")]

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"

    @property
    def balance(self) -> Decimal:
        """What is open; negative when more was paid than is owed after a credit note."""
        return self.total - self.credited - self.paid

    @property
    def open_amount(self) -> Decimal:
        return max(self.balance, ZERO) if self.state == InvoiceState.SENT else ZERO

    @property
    def to_refund(self) -> Decimal:
        return max(-self.balance, ZERO)

    @property
    def is_overdue(self) -> bool:
        return self.state == InvoiceState.SENT and self.due_on is not None and self.due_on < clock.today()

    def parts(self) -> list[Part]:
        """What was agreed to be paid on which day: the instalments, else the whole on its day."""
        planned = [Part(row.due_on, row.amount) for row in self.instalments.all()]
        if planned or self.due_on is None:
            return planned
        return [Part(self.due_on, self.total)]

    def open_parts(self) -> list[Part]:
        return open_parts(self.parts(), self.paid + self.credited)


class InvoiceLine(models.Model):
    """One line: amount = quantity x unit price, rounded to cents, the tax included."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"))
    key = models.CharField(_("item"), max_length=24, choices=ItemKey)
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=2)
    unit_price = models.DecimalField(_("unit price (CNY)"), max_digits=12, decimal_places=2)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=2)
    tax = models.DecimalField(_("of it tax (CNY)"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("line of an invoice")
        verbose_name_plural = _("lines of an invoice")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice", "key"], name="one_invoice_line_an_item"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="invoice_line_has_an_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} · {self.key}"


class Instalment(models.Model):
    """A part of an invoice with its own day; the parts of a plan add up to the total."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="instalments")
    due_on = models.DateField(_("due on"))
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering: ClassVar = ["due_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice", "due_on"], name="one_instalment_a_day"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_has_an_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} · {self.due_on}"


class Payment(models.Model):
    """An entry of money that came in; append-only. A wrong one and a refund are counter-entries below zero.

    `payer` is the name as the bank statement has it. A payer other than the client is a third party
    (docs/decisions/0017: the client itself pays its fees) and needs a note.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    kind = models.CharField(_("kind"), max_length=8, choices=PaymentKind, default=PaymentKind.PAYMENT)
    counters = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="counter_entries"
    )
    bank_line = models.ForeignKey(
        BankLine, on_delete=models.PROTECT, null=True, blank=True, related_name="payments"
    )
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=2)
    on = models.DateField(_("day at the bank"))
    payer = models.CharField(_("payer as on the bank statement"), max_length=200)
    reference = models.CharField(_("reference of the bank"), max_length=120, blank=True)
    is_third_party = models.BooleanField(_("paid by somebody else"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind=PaymentKind.PAYMENT, amount__gt=0, counters=None)
                | (~Q(kind=PaymentKind.PAYMENT) & Q(amount__lt=0, counters__isnull=False) & ~Q(note="")),
                name="counter_entry_names_payment_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(is_third_party=False) | ~Q(note=""), name="third_party_payment_has_a_note"
            ),
            models.UniqueConstraint(
                fields=["counters"],
                condition=Q(kind=PaymentKind.REVERSAL),
                name="payment_is_reversed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} · {self.amount}"


class CreditNote(models.Model):
    """Takes an invoice back, in full or in part; append-only. Its amounts are below zero."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    number = models.CharField(_("number of the credit note"), max_length=24, unique=True)
    reason = models.CharField(_("reason"), max_length=300)
    total = models.DecimalField(_("total (CNY)"), max_digits=12, decimal_places=2)
    tax = models.DecimalField(_("of it tax (CNY)"), max_digits=12, decimal_places=2)
    made_on = models.DateField(_("day"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(total__lt=0), name="credit_note_is_below_zero"),
            models.CheckConstraint(condition=~Q(reason=""), name="credit_note_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.number


class CreditNoteLine(models.Model):
    """How much of a line of the invoice is taken back."""

    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="credits")
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=2)
    tax = models.DecimalField(_("of it tax (CNY)"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("line of a credit note")
        verbose_name_plural = _("lines of a credit note")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__lt=0), name="credit_line_is_below_zero"),
            models.UniqueConstraint(fields=["credit_note", "line"], name="one_credit_line_a_line"),
        ]

    def __str__(self) -> str:
        return f"{self.credit_note} · {self.line.key}"
