import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audits.models import Audit
from audits.queries import Candidate
from audits.states import TONES
from certbody.web.templatetags.ui import date_only, status


class AuditTable(tables.Table):
    reference = tables.Column(
        verbose_name=_("Case"), accessor="case__reference", attrs={"td": {"class": "cb-figures"}}
    )
    organisation = tables.Column(verbose_name=_("Client"), accessor="case__organisation__name")
    state = tables.Column(verbose_name=_("State"))
    stage1_on = tables.Column(verbose_name=_("Stage 1"))
    stage2_from = tables.Column(verbose_name=_("Stage 2"))

    class Meta:
        template_name = "web/table.html"
        orderable = False
        empty_text = _("Audits appear here once a contract is accepted and a planner opens the audit.")

    def render_reference(self, value: str, record: Audit) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("audits:detail", args=[record.pk]), value)

    def render_state(self, record: Audit) -> SafeString:
        return status(record.state, record.get_state_display(), TONES[record.state])

    def value_state(self, record: Audit) -> str:
        return record.get_state_display()

    def render_stage1_on(self, record: Audit) -> SafeString:
        return date_only(record.stage1_on)

    def render_stage2_from(self, record: Audit) -> SafeString:
        return date_only(record.stage2_from)


class PeopleTable(tables.Table):
    name = tables.Column(verbose_name=_("Name"), accessor="person__name")
    qualifications = tables.Column(verbose_name=_("Qualified as"), empty_values=())

    class Meta:
        template_name = "web/table.html"
        orderable = False
        empty_text = _("People of the body appear here once they hold a role.")

    def render_name(self, value: str, record: Candidate) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("audits:person", args=[record.person.pk]), value)

    def render_qualifications(self, record: Candidate) -> str:
        kinds = [str(row.get_kind_display()) for row in record.valid_today]
        return ", ".join(dict.fromkeys(kinds)) or "–"
