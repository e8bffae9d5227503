"""Invoices, payments and reminders."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from certbody.body.settings_catalogue.kinds import Entry, Group
from certbody.body.settings_catalogue.makers import EXAMPLE, RECOMMENDED, number, switch, text, whole

RUNNING_NUMBER = re.compile(r"(?:[A-Z0-9-]|\{(?:cb_code|yy)\}|\{seq(?::0[1-9])?\})+")
OWN_NUMBERS = _("the body's own choice; numbers have no gap")


def check_running_number(template: str) -> None:
    """Upper-case letters, digits, hyphens and three placeholders; the year and the running number once each."""
    if not RUNNING_NUMBER.fullmatch(template):
        raise ValidationError(
            _("Use upper-case letters, digits and the placeholders %(known)s only."),
            code="template",
            params={"known": "{cb_code} {yy} {seq:05}"},
        )
    if template.count("{seq") != 1 or template.count("{yy}") != 1:
        raise ValidationError(
            _("The year {yy} and the running number {seq:05} must each stand in it."), code="sequence"
        )


MONEY: tuple[Entry, ...] = (
    text(
        "invoice_number_template",
        _("Form of an invoice number"),
        Group.MONEY,
        "ZD{yy}{seq:05}",
        OWN_NUMBERS,
        most=40,
        checks=(check_running_number,),
    ),
    text(
        "credit_note_number_template",
        _("Form of the number of a credit note"),
        Group.MONEY,
        "CX{yy}{seq:05}",
        OWN_NUMBERS,
        most=40,
        checks=(check_running_number,),
    ),
    whole("invoice_due_days", _("Days to pay an invoice"), Group.MONEY, 15, RECOMMENDED, most=365),
    number(
        "tax_rate_percent",
        _("Value-added tax in the prices (per cent)"),
        Group.MONEY,
        Decimal(6),
        _(
            "certification as a modern service, general taxpayer (Caishui [2016] no. 36); prices include the tax"
        ),
        most=50,
    ),
    whole(
        "reminder_first_days",
        _("Days after the due day to the first reminder"),
        Group.MONEY,
        3,
        RECOMMENDED,
        most=365,
    ),
    whole("reminder_repeat_days", _("Days between two reminders"), Group.MONEY, 14, RECOMMENDED, most=365),
    whole(
        "reminders_most", _("Automatic reminders at the most"), Group.MONEY, 3, RECOMMENDED, least=0, most=20
    ),
    switch(
        "handover_waits_for_payment",
        _("The client gets the copy of a certificate only when its invoices are paid"),
        Group.MONEY,
        False,
        _("recommendation; payment never touches review, audit, decision and issue (ISO/IEC 17065, 4.2)"),
    ),
    text(
        "body_taxpayer_number",
        _("Taxpayer number of the body"),
        Group.MONEY,
        "91110000MA00000000",
        EXAMPLE,
        most=20,
    ),
    text("body_bank", _("Bank of the body"), Group.MONEY, "示例银行北京分行", EXAMPLE, most=80),
    text(
        "body_bank_account",
        _("Bank account of the body"),
        Group.MONEY,
        "0000 0000 0000 0000",
        EXAMPLE,
        most=40,
    ),
)
