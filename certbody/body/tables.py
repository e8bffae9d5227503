import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from certbody.body.models import ScoringTable
from certbody.body.states import ScoringTableState
from certbody.web.templatetags.ui import date_only, status

TONES = {
    ScoringTableState.DRAFT: "info",
    ScoringTableState.CONFIRMED: "good",
    ScoringTableState.RETIRED: "neutral",
}


class ScoringTables(tables.Table):  # type: ignore[misc]  # django-tables2 ships no types
    version = tables.Column(linkify=("scoring_table", [tables.A("pk")]), verbose_name=_("Version"))
    scheme = tables.Column(verbose_name=_("Scheme"))
    state = tables.Column(verbose_name=_("State"))
    remark = tables.Column(verbose_name=_("Remark"))
    created_at = tables.Column(verbose_name=_("Begun"))
    confirmed_at = tables.Column(verbose_name=_("In force since"))
    content_hash = tables.Column(verbose_name=_("Fingerprint"))

    class Meta:
        orderable = False

    def render_state(self, record: ScoringTable) -> SafeString:
        return status(record.state, record.get_state_display(), TONES[ScoringTableState(record.state)])

    def render_created_at(self, record: ScoringTable) -> SafeString:
        return date_only(record.created_at)

    def render_confirmed_at(self, record: ScoringTable) -> SafeString:
        return date_only(record.confirmed_at)

    def render_content_hash(self, value: str) -> SafeString:
        return format_html('<code title="{}">{}</code>', value, value[:12])
