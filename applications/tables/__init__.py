from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from applications.catalogue.document_kinds import kind_label
from applications.models import Application, ApplicationDocument, Contract
from applications.states import tone
from certbody import clock
from certbody.accounts.models import Organisation
from certbody.web.templatetags.ui import date_only, day, figure_of, status


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
        verbose_name=_("Total (CNY)"), attrs={"td": {"class": "cb-num"}, "th": {"class": "cb-num"}}
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
        return figure_of(value)

    def render_person_days(self, value: Any) -> SafeString:
        return format_html('<span class="cb-figures">{}</span>', value)

    def render_valid_until(self, value: Any) -> SafeString:
        return date_only(value)


class OrganisationTable(tables.Table):
    name = tables.Column(
        verbose_name=_("Organisation"), linkify=("applications:desk_organisation", {"pk": tables.A("pk")})
    )
    credit_code = tables.Column(verbose_name=_("Credit code"), attrs={"td": {"class": "cb-figures"}})
    owner = tables.Column(verbose_name=_("Customer-service owner"), accessor="customer_service_owner__name")
    cases = tables.Column(
        verbose_name=_("Cases"),
        accessor="cases_opened",
        attrs={"td": {"class": "cb-num"}, "th": {"class": "cb-num"}},
    )
    registered = tables.Column(verbose_name=_("Registered here"), accessor="created_at")

    class Meta:
        model = Organisation
        fields = ("name", "credit_code", "owner", "cases", "registered")
        empty_text = _("Organisations appear here as soon as a client has registered one.")

    def render_registered(self, value: Any) -> SafeString:
        return date_only(value)


class DocumentTable(tables.Table):
    kind = tables.Column(verbose_name=_("Document"))
    organisation = tables.Column(
        verbose_name=_("Organisation"),
        accessor="application__case__organisation__name",
        linkify=("applications:desk", {"reference": tables.A("application__case__reference")}),
    )
    reference = tables.Column(
        verbose_name=_("Case"),
        accessor="application__case__reference",
        attrs={"td": {"class": "cb-figures"}},
    )
    site = tables.Column(verbose_name=_("Site"), accessor="site__name")
    expires_on = tables.Column(verbose_name=_("Valid until"))
    uploaded_at = tables.Column(verbose_name=_("Uploaded"))

    class Meta:
        model = ApplicationDocument
        fields = ("kind", "organisation", "reference", "site", "expires_on", "uploaded_at")
        empty_text = _("Documents appear here as soon as a client has uploaded one.")

    def render_kind(self, record: ApplicationDocument) -> SafeString:
        return format_html('<a href="{}">{}</a>', record.file.get_absolute_url(), kind_label(record.kind))

    def value_kind(self, record: ApplicationDocument) -> str:
        return kind_label(record.kind)

    def render_expires_on(self, record: ApplicationDocument) -> SafeString:
        if record.expires_on is not None and record.expires_on < clock.today():
            return format_html("{} {}", day(record.expires_on), status("expired", _("expired"), "bad"))
        return day(record.expires_on)

    def render_uploaded_at(self, value: Any) -> SafeString:
        return date_only(value)
