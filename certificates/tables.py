from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from applications.states import ApplicationState
from certbody import clock
from certbody.web.templatetags.ui import GRADES, date_only, day, stars, status
from certificates.models import Certificate, Decision, Panel
from certificates.states import STANDING_STATES, CertificateState, DecisionState, PanelState, PublicStatus

PANEL_TONES = {PanelState.OPEN: "info", PanelState.CLOSED: "neutral"}
DECISION_TONES = {
    DecisionState.PROPOSED: "neutral",
    DecisionState.TAKEN: "warn",
    DecisionState.SIGNED: "good",
    DecisionState.RETURNED: "neutral",
}
CERTIFICATE_TONES = {CertificateState.RESERVED: "info", CertificateState.VOID: "neutral"}


def _link(url_name: str, key: Any, text: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(url_name, args=[key]), text)


class PanelTable(tables.Table):
    case = tables.Column(
        verbose_name=_("Case"), order_by="case__reference", attrs={"td": {"class": "cb-figures"}}
    )
    organisation = tables.Column(accessor="case__organisation__name", verbose_name=_("Client"))
    motion = tables.Column(empty_values=(), verbose_name=_("Motion"), orderable=False)
    opened_at = tables.Column(verbose_name=_("Opened"))
    state = tables.Column(verbose_name=_("State"))

    class Meta:
        empty_text = _("Panels appear here when the secretary opens one for a released report.")
        order_by = "-opened_at"

    def render_case(self, record: Panel) -> SafeString:
        return _link("panel", record.pk, f"{record.case.reference} · {record.session}")

    def render_motion(self, record: Panel) -> SafeString:
        return (
            stars(record.motion_grade, words=True) if record.motion_grade else format_html("{}", _("Refuse"))
        )

    def render_opened_at(self, record: Panel) -> SafeString:
        return date_only(record.opened_at)

    def render_state(self, record: Panel) -> SafeString:
        if record.carried is None:
            return status(
                record.state, str(PanelState(record.state).label), PANEL_TONES[PanelState(record.state)]
            )
        decision = getattr(record, "decision", None)
        if decision is not None and decision.state == DecisionState.RETURNED:
            return status(decision.state, str(_("carried, but returned by the head")), "warn")
        label = _("carried") if record.carried else _("not carried")
        return status(record.state, str(label), "good" if record.carried else "bad")


class DecisionTable(tables.Table):
    case = tables.Column(
        verbose_name=_("Case"), order_by="case__reference", attrs={"td": {"class": "cb-figures"}}
    )
    organisation = tables.Column(accessor="case__organisation__name", verbose_name=_("Client"))
    outcome = tables.Column(verbose_name=_("Decision"))
    taken_on = tables.Column(verbose_name=_("Taken on"))
    state = tables.Column(verbose_name=_("State"))

    class Meta:
        empty_text = _("Decisions appear here when a panel has carried a motion.")
        order_by = "-taken_on"

    def render_case(self, record: Decision) -> SafeString:
        return _link("decision", record.pk, record.case.reference)

    def render_outcome(self, record: Decision) -> SafeString:
        return (
            stars(record.grade, words=True)
            if record.grade
            else format_html("{}", record.get_outcome_display())
        )

    def render_taken_on(self, record: Decision) -> SafeString:
        return date_only(record.taken_on)

    def render_state(self, record: Decision) -> SafeString:
        return status(record.state, record.get_state_display(), DECISION_TONES[DecisionState(record.state)])


class CertificateTable(tables.Table):
    number = tables.Column(verbose_name=_("Number"), attrs={"td": {"class": "cb-figures"}})
    organisation = tables.Column(accessor="organisation__name", verbose_name=_("Client"))
    grade = tables.Column(verbose_name=_("Grade"))
    issued_on = tables.Column(verbose_name=_("Issued on"))
    expires_on = tables.Column(verbose_name=_("Last valid day"))
    state = tables.Column(verbose_name=_("State"))

    class Meta:
        empty_text = _("Certificates appear here when a signed decision is issued.")
        order_by = "-issued_on"

    def render_number(self, record: Certificate) -> SafeString:
        return _link("certificate", record.pk, record.number)

    def render_grade(self, record: Certificate) -> SafeString:
        return stars(record.grade, words=True)

    def render_issued_on(self, record: Certificate) -> SafeString:
        return date_only(record.issued_on)

    def render_expires_on(self, record: Certificate) -> SafeString:
        return date_only(record.expires_on)

    def render_state(self, record: Certificate) -> SafeString:
        return state_of(record)

    def value_grade(self, record: Certificate) -> str:
        return str(GRADES.get(record.grade, ""))

    def value_state(self, record: Certificate) -> str:
        return str(_shown_state(record).label)


class RenewalTable(tables.Table):
    organisation = tables.Column(accessor="organisation__name", verbose_name=_("Client"))
    number = tables.Column(verbose_name=_("Certificate"), attrs={"td": {"class": "cb-figures"}})
    grade = tables.Column(verbose_name=_("Grade"))
    expires_on = tables.Column(verbose_name=_("Last valid day"))
    apply_by = tables.Column(verbose_name=_("Apply by"), empty_values=(None,))
    surveillance_due = tables.Column(verbose_name=_("Surveillance due"))
    owner = tables.Column(
        accessor="organisation__customer_service_owner__name", verbose_name=_("Customer-service owner")
    )
    renewal = tables.Column(verbose_name=_("Renewal"), empty_values=(), orderable=False)

    class Meta:
        empty_text = _("Certificates appear here when they run out within the chosen months.")

    def render_number(self, record: Certificate) -> SafeString:
        return _link("certificate", record.pk, record.number)

    def render_grade(self, record: Certificate) -> SafeString:
        return stars(record.grade, words=True)

    def render_expires_on(self, record: Certificate) -> SafeString:
        return day(record.expires_on)

    def render_apply_by(self, record: Any) -> SafeString:
        """Red once the day is over and nothing was begun: from then on the body may no longer finish in time."""
        if record.apply_by < clock.today() and not record.renewal:
            return format_html('<span class="cb-overdue">{}</span>', day(record.apply_by))
        return day(record.apply_by)

    def render_surveillance_due(self, record: Any) -> SafeString:
        return date_only(record.surveillance_due)

    def render_renewal(self, record: Any) -> SafeString:
        if not record.renewal:
            return format_html('<span class="cb-quiet">{}</span>', _("not begun"))
        label = ApplicationState(record.renewal_state).label
        return format_html("{} {}", _link("desk_case", record.renewal, record.renewal), label)

    def value_grade(self, record: Certificate) -> str:
        return str(GRADES.get(record.grade, ""))

    def value_renewal(self, record: Any) -> str:
        if not record.renewal:
            return ""
        return f"{record.renewal} {ApplicationState(record.renewal_state).label}"


def state_of(certificate: Certificate) -> SafeString:
    state = _shown_state(certificate)
    tone = CERTIFICATE_TONES[state] if state in CERTIFICATE_TONES else PublicStatus(state).tone
    return status(state, str(state.label), tone)


def _shown_state(certificate: Certificate) -> CertificateState | PublicStatus:
    """The word for a certificate on desk pages: the stored state, or expired once its last day is over."""
    state = CertificateState(certificate.state)
    if state in STANDING_STATES and not certificate.stands_on(clock.today()):
        return PublicStatus.EXPIRED
    return state
