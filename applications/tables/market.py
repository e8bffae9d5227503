"""Lists of the market department: enquiries, and adjustments of person-days."""

from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from applications.models import Contract, Enquiry
from applications.queries.arithmetic import figures
from applications.states import tone
from certbody.web.templatetags.ui import date_only, status

_FIGURES = {"td": {"class": "cb-num cb-whole"}, "th": {"class": "cb-num"}}


class AdjustmentTable(tables.Table):
    adjusted_at = tables.Column(verbose_name=_("Day"))
    number = tables.Column(
        verbose_name=_("Contract"),
        linkify=("applications:desk_contract", {"number": tables.A("number")}),
        attrs={"td": {"class": "cb-figures cb-whole"}},
    )
    organisation = tables.Column(verbose_name=_("Organisation"), accessor="case__organisation__name")
    table_days = tables.Column(verbose_name=_("By the table"), attrs=_FIGURES, orderable=False)
    adjustment = tables.Column(verbose_name=_("Adjustment"), attrs=_FIGURES)
    percent = tables.Column(verbose_name=_("Percent"), accessor="pk", attrs=_FIGURES, orderable=False)
    adjustment_code = tables.Column(verbose_name=_("Ground"))
    adjustment_reason = tables.Column(
        verbose_name=_("Reason"), orderable=False, attrs={"td": {"class": "cb-words"}}
    )
    adjusted_by = tables.Column(verbose_name=_("Made by"), accessor="adjusted_by__name")
    approved_by = tables.Column(
        verbose_name=_("Agreed to by"), accessor="adjustment_approved_by__name", default=""
    )
    state = tables.Column(verbose_name=_("State"))

    class Meta:
        model = Contract
        fields = (
            "adjusted_at",
            "number",
            "organisation",
            "table_days",
            "adjustment",
            "percent",
            "adjustment_code",
            "adjustment_reason",
            "adjusted_by",
            "approved_by",
            "state",
        )
        empty_text = _("No person-days were adjusted in this month.")

    def render_adjusted_at(self, value: Any) -> SafeString:
        return date_only(value)

    def render_table_days(self, value: Decimal) -> str:
        return figures(value)

    def render_adjustment(self, value: Decimal) -> str:
        return f"{value:+.2f}"

    def render_percent(self, record: Contract) -> str:
        return f"{self.value_percent(record)} %"

    def value_percent(self, record: Contract) -> Decimal:
        return (record.adjustment * 100 / record.table_days).quantize(Decimal("0.1"))

    def value_adjustment_code(self, record: Contract) -> str:
        return record.get_adjustment_code_display()

    def render_state(self, record: Contract) -> SafeString:
        return status(record.state, record.get_state_display(), tone(record.state))

    def value_state(self, record: Contract) -> str:
        return record.get_state_display()


class EnquiryTable(tables.Table):
    reference = tables.Column(
        verbose_name=_("Number"),
        linkify=("applications:enquiry", {"reference": tables.A("reference")}),
        attrs={"td": {"class": "cb-figures"}},
    )
    organisation_name = tables.Column(verbose_name=_("Organisation"), attrs={"td": {"class": "cb-name"}})
    kind = tables.Column(verbose_name=_("Asks for"))
    channel = tables.Column(verbose_name=_("Came by"))
    state = tables.Column(verbose_name=_("State"))
    owner = tables.Column(verbose_name=_("Customer-service owner"), accessor="owner__name", default="")
    received_on = tables.Column(verbose_name=_("Received"))
    follow_up_on = tables.Column(verbose_name=_("Follow up"))

    class Meta:
        model = Enquiry
        fields = (
            "reference",
            "organisation_name",
            "kind",
            "channel",
            "state",
            "owner",
            "received_on",
            "follow_up_on",
        )
        empty_text = _("Enquiries appear here as soon as one is entered.")

    def value_kind(self, record: Enquiry) -> str:
        return record.get_kind_display()

    def value_channel(self, record: Enquiry) -> str:
        return record.get_channel_display()

    def render_state(self, record: Enquiry) -> SafeString:
        return status(record.state, record.get_state_display(), tone(record.state))

    def value_state(self, record: Enquiry) -> str:
        return record.get_state_display()

    def render_received_on(self, value: Any) -> SafeString:
        return date_only(value)

    def render_follow_up_on(self, value: Any) -> SafeString:
        return date_only(value)
