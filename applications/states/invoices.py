"""Words of invoices and payments: states, kinds, and what a line may be for."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from applications.states import LineKey


class InvoiceState(models.TextChoices):
    DRAFT = "draft", _("draft")
    SENT = "sent", pgettext_lazy("invoice", "sent")
    PAID = "paid", pgettext_lazy("invoice", "paid")
    CREDITED = "credited", pgettext_lazy("invoice", "credited")
    DISCARDED = "discarded", pgettext_lazy("invoice", "discarded")


class InvoiceKind(models.TextChoices):
    """What an invoice asks for; the lines that it begins with follow from it."""

    CONTRACT = "contract", _("all fees of the contract")
    APPLICATION = "application", _("application and registration")
    AUDIT = "audit", pgettext_lazy("invoice", "audit")
    ANNUAL = "annual", _("annual fee")
    REISSUE = "reissue", _("new copy of a certificate")


class ItemKey(models.TextChoices):
    """What a line is for: the lines of a contract, and what is charged beside it."""

    APPLICATION = LineKey.APPLICATION.value, _("Application fee")
    REGISTRATION = LineKey.REGISTRATION.value, _("Review and registration, with certificate")
    PERSON_DAYS = LineKey.PERSON_DAYS.value, _("Audit, person-days")
    ANNUAL = LineKey.ANNUAL.value, _("Annual fee, with mark")
    TRAVEL = "travel", _("Travel and accommodation at cost")
    REISSUE = "reissue", _("New copy of a certificate")


class TaxInvoice(models.TextChoices):
    """The electronic invoice that the buyer wants; the special one needs address, telephone, bank and account."""

    ORDINARY = "ordinary", _("ordinary electronic invoice")
    SPECIAL = "special", _("special electronic VAT invoice")


class PaymentKind(models.TextChoices):
    PAYMENT = "payment", pgettext_lazy("money", "payment")
    REVERSAL = "reversal", pgettext_lazy("money", "reversal of a wrong entry")
    REFUND = "refund", pgettext_lazy("money", "refund")


# Invoices that the client knows of.
SENT_STATES = (InvoiceState.SENT, InvoiceState.PAID, InvoiceState.CREDITED)
# An invoice that has no number yet or never gets one.
WITHOUT_NUMBER = (InvoiceState.DRAFT, InvoiceState.DISCARDED)

KEYS_OF_KIND: dict[str, tuple[ItemKey, ...]] = {
    InvoiceKind.CONTRACT: (ItemKey.APPLICATION, ItemKey.REGISTRATION, ItemKey.PERSON_DAYS, ItemKey.ANNUAL),
    InvoiceKind.APPLICATION: (ItemKey.APPLICATION, ItemKey.REGISTRATION),
    InvoiceKind.AUDIT: (ItemKey.PERSON_DAYS,),
    InvoiceKind.ANNUAL: (ItemKey.ANNUAL,),
    InvoiceKind.REISSUE: (),
}
OF_THE_CONTRACT = frozenset(KEYS_OF_KIND[InvoiceKind.CONTRACT])

_FOR_CLIENT: dict[str, str | Promise] = {
    InvoiceState.SENT: _("to be paid"),
    InvoiceState.PAID: pgettext_lazy("invoice", "paid"),
    InvoiceState.CREDITED: _("cancelled by a credit note"),
}
_TONES: dict[str, str] = {
    InvoiceState.DRAFT: "neutral",
    InvoiceState.SENT: "info",
    InvoiceState.PAID: "good",
    InvoiceState.CREDITED: "neutral",
    InvoiceState.DISCARDED: "neutral",
}


def invoice_client_label(state: str) -> str | Promise:
    """The word for an invoice's state in the client's pages."""
    return _FOR_CLIENT[InvoiceState(state)]


def invoice_tone(state: str) -> str:
    """The colour of a state beside its word."""
    return _TONES[InvoiceState(state)]
