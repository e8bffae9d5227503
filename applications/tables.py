from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Contract
from applications.states import tone
from certbody.web.templatetags.ui import date_only, money, status


class ApplicationTable(tables.Table):
    organisation = tables.Column(
        verbose_name=_("Organisation"),
        accessor="case__organisation__name",
        linkify=("applications:desk", {"reference": tables.A("case__reference")}),
    )
    reference = tables.Column(
        verbose_name=_("Case"), accessor="case__reference", attrs={"td": {"class": "cb-figures"}}
    )
    state = tables.Column(verbose_name=_("State"))
    revision = tables.Column(
        verbose_name=_("Submission"), attrs={"td": {"class": "cb-num"}, "th": {"class": "cb-num"}}
    )
    submitted_at = tables.Column(verbose_name=_("Submitted"))
    reviewer_name = tables.Column(verbose_name=_("Reviewer"))

    class Meta:
        model = Application
        fields = ("organisation", "reference", "state", "revision", "submitted_at", "reviewer_name")
        empty_text = _("Applications appear here as soon as a client has begun one.")

    def render_state(self, record: Application) -> SafeString:
        return status(record.state, record.get_state_display(), tone(record.state))

    def value_state(self, record: Application) -> str:
        return record.get_state_display()

    def render_submitted_at(self, value: Any) -> SafeString:
        return date_only(value)


class ContractTable(tables.Table):
    number = tables.Column(
        verbose_name=_("Number"),
        linkify=("applications:desk_contract", {"number": tables.A("number")}),
        attrs={"td": {"class": "cb-figures"}},
    )
    organisation = tables.Column(verbose_name=_("Organisation"), accessor="case__organisation__name")
    state = tables.Column(verbose_name=_("State"))
    person_days = tables.Column(
        verbose_name=_("Person-days"), attrs={"td": {"class": "cb-num"}, "th": {"class": "cb-num"}}
    )
    total = tables.Column(
        verbose_name=_("Total"), attrs={"td": {"class": "cb-num"}, "th": {"class": "cb-num"}}
    )
    valid_until = tables.Column(verbose_name=_("Open until"))

    class Meta:
        model = Contract
        fields = ("number", "organisation", "state", "person_days", "total", "valid_until")
        empty_text = _("Quotes and contracts appear here once an application has been accepted.")

    def render_state(self, record: Contract) -> SafeString:
        return status(record.state, record.get_state_display(), tone(record.state))

    def value_state(self, record: Contract) -> str:
        return record.get_state_display()

    def render_total(self, value: Any) -> SafeString:
        return money(value)

    def render_person_days(self, value: Any) -> SafeString:
        return format_html('<span class="cb-figures">{}</span>', value)

    def render_valid_until(self, value: Any) -> SafeString:
        return date_only(value)
