"""Lists of invoices and of what contracts bring in."""

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from applications.models import Invoice
from applications.queries.revenue import Revenue
from applications.states.invoices import invoice_tone
from certbody.web.templatetags.ui import date_only, figure_of, status

DAYS = {"td": {"class": "cb-num cb-figures"}, "th": {"class": "cb-num"}}
NAME = {"td": {"class": "cb-name"}}
FIGURE = {"td": {"class": "cb-num"}, "th": {"class": "cb-num"}}


class InvoiceTable(tables.Table):
    number = tables.Column(
        verbose_name=_("Number"),
        empty_values=(),
        linkify=("applications:desk_invoice", {"pk": tables.A("pk")}),
        attrs={"td": {"class": "cb-figures"}},
    )
    organisation = tables.Column(verbose_name=_("Organisation"), accessor="organisation__name", attrs=NAME)
    state = tables.Column(verbose_name=_("State"))
    total = tables.Column(verbose_name=_("Total (CNY)"), attrs=FIGURE)
    open_amount = tables.Column(verbose_name=_("Open (CNY)"), attrs=FIGURE)
    due_on = tables.Column(verbose_name=_("Due on"))
    electronic_number = tables.Column(
        verbose_name=_("Electronic invoice"),
        attrs={"td": {"class": "cb-figures cb-extra"}, "th": {"class": "cb-extra"}},
    )

    class Meta:
        model = Invoice
        fields = (
            "number",
            "organisation",
            "state",
            "total",
            "open_amount",
            "due_on",
            "electronic_number",
        )
        empty_text = _("Invoices appear here once finance has made one from an accepted contract.")

    def render_number(self, record: Invoice) -> str:
        return record.number or str(_("draft"))

    def render_state(self, record: Invoice) -> SafeString:
        shown = status(record.state, record.get_state_display(), invoice_tone(record.state))
        if not record.is_overdue:
            return shown
        return format_html("{} {}", shown, status("overdue", str(_("overdue")), "bad"))

    def value_number(self, record: Invoice) -> str:
        return record.number

    def value_state(self, record: Invoice) -> str:
        return record.get_state_display()

    def render_total(self, value: Any) -> SafeString:
        return figure_of(value)

    def render_open_amount(self, value: Any) -> SafeString:
        return figure_of(value)

    def render_due_on(self, value: Any) -> SafeString:
        return date_only(value)


class RevenueTable(tables.Table):
    number = tables.Column(
        verbose_name=_("Contract"), accessor="contract__number", attrs={"td": {"class": "cb-figures"}}
    )
    organisation = tables.Column(
        verbose_name=_("Organisation"), accessor="contract__case__organisation__name", attrs=NAME
    )
    person_days = tables.Column(verbose_name=_("Person-days"), accessor="contract__person_days", attrs=DAYS)
    total = tables.Column(verbose_name=_("Contract total (CNY)"), accessor="contract__total", attrs=FIGURE)
    invoiced = tables.Column(verbose_name=_("Invoiced, less credit notes (CNY)"), attrs=FIGURE)
    paid = tables.Column(verbose_name=_("Paid (CNY)"), attrs=FIGURE)
    open = tables.Column(verbose_name=_("Open (CNY)"), attrs=FIGURE)

    class Meta:
        order_by = ("-number",)
        empty_text = _("Contracts appear here once a client has accepted one.")

    def render_total(self, value: Any) -> SafeString:
        return figure_of(value)

    def render_invoiced(self, value: Any) -> SafeString:
        return figure_of(value)

    def render_paid(self, value: Any) -> SafeString:
        return figure_of(value)

    def render_open(self, value: Any) -> SafeString:
        return figure_of(value)

    def render_number(self, record: Revenue) -> SafeString:
        return format_html('<a href="/desk/contracts/{0}/">{0}</a>', record.contract.number)
