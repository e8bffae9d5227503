"""What this floor answers to questions of lower floors."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits.models import Report
from audits.states import ReportState
from certbody import clock
from certbody.accounts.models import Organisation, Person
from certbody.body.settings_catalogue import setting, settings_of
from certbody.cases.models import Case
from certbody.desk.clocks import PublishedTime, day_of
from certbody.desk.home import CertificateLine
from certbody.files.models import StoredFile
from certbody.scheme.dates import months_later
from certbody.web.stages import Stage, StageState
from certbody.workflow import Missing
from certificates.models import Certificate, Decision, IssuedDocument, Seat, StatusChange
from certificates.queries.certificates import certificate_of_case, withholding
from certificates.queries.register import entry_of, public_certificates
from certificates.states import PUBLIC_STATES, CertificateState, DecisionState, Outcome, StatusGround
from certificates.subjects import changed_certificate

Sentence = str | Promise
DECISION_ORDER, CERTIFICATE_ORDER = 70, 80


def sits_on_panel(*, case: Case, person: Person) -> bool:
    """Whether a person has or had a seat on a panel of a case; then the evaluation is closed to the person."""
    return Seat.objects.filter(panel__case=case, person=person).exists()


def blocked_until(*, organisation: Organisation) -> date | None:
    """The first day on which an organisation may apply again after a refusal or a withdrawal for its own fault.

    A refusal counts from the day of its signature, in the body's zone.
    """
    withdrawn = (
        StatusChange.objects.filter(certificate__organisation=organisation, status=CertificateState.WITHDRAWN)
        .exclude(ground=StatusGround.REQUEST)
        .values_list("effective_on", flat=True)
    )
    refused = Decision.objects.filter(
        case__organisation=organisation, state=DecisionState.SIGNED, outcome=Outcome.REFUSE
    ).values_list("signed_at", flat=True)
    days = [*withdrawn, *(at.astimezone(clock.BODY_ZONE).date() for at in refused if at is not None)]
    return months_later(max(days), setting("blocked_after_withdrawal_months")) if days else None


def past_trouble(*, organisation: Organisation) -> list[Missing]:
    """Refusals, suspensions and withdrawals of the organisation and of others with the same legal representative.

    Each with its day, the day until which a new application is blocked, and the case. A name that is the same is no
    proof: the reviewer finds out whether it is the same person.
    """
    alike = Q(pk=organisation.pk) | Q(legal_representative=organisation.legal_representative)
    known = Organisation.objects.filter(alike)
    months = setting("blocked_after_withdrawal_months")
    found = [
        (day, _of_status(change, day, months), change.certificate.organisation, change.certificate.case)
        for change in StatusChange.objects.filter(
            certificate__organisation__in=known,
            status__in=(CertificateState.SUSPENDED, CertificateState.WITHDRAWN),
        ).select_related("certificate__organisation", "certificate__case")
        for day in [change.effective_on]
    ]
    for decision in Decision.objects.filter(
        case__organisation__in=known,
        state=DecisionState.SIGNED,
        outcome=Outcome.REFUSE,
        signed_at__isnull=False,
    ).select_related("case__organisation"):
        day = decision.signed_at.astimezone(clock.BODY_ZONE).date()
        until = months_later(day, months)
        words = gettext("certification refused on %(day)s, a new application possible from %(until)s")
        told = words % {"day": day.isoformat(), "until": until.isoformat()}
        found.append((day, told, decision.case.organisation, decision.case))
    return [
        Missing(_about(told, concerned, organisation), reverse("desk_case", args=[case.reference]))
        for _day, told, concerned, case in sorted(found, key=lambda one: one[0], reverse=True)
    ]


def _of_status(change: StatusChange, day: date, months: int) -> str:
    facts = {"number": change.certificate.number, "day": day.isoformat()}
    if change.status == CertificateState.SUSPENDED:
        return gettext("certificate %(number)s suspended on %(day)s") % facts
    if change.ground == StatusGround.REQUEST:
        return gettext("certificate %(number)s withdrawn on %(day)s at its own request") % facts
    return gettext(
        "certificate %(number)s withdrawn on %(day)s, a new application possible from %(until)s"
    ) % {**facts, "until": months_later(day, months).isoformat()}


def _about(told: str, concerned: Organisation, organisation: Organisation) -> str:
    if concerned.pk == organisation.pk:
        return gettext("This organisation (same credit code): %(what)s.") % {"what": told}
    return gettext("%(organisation)s has a legal representative of the same name: %(what)s.") % {
        "organisation": concerned.name,
        "what": told,
    }


def withheld(*, file: StoredFile) -> Sentence:
    """Why a file is not handed out to the client; empty for every file but copies of certificates."""
    document = IssuedDocument.objects.filter(file=file).select_related("edition__certificate").first()
    return withholding(document.edition.certificate) if document else ""


def has_ended(*, case: Case) -> bool:
    """Whether the passage of a case is over: refused, or its certificate, or the one it changes, no longer stands."""
    certificate = certificate_of_case(case)
    if certificate is not None:
        stands = certificate.state in {
            CertificateState.RESERVED,
            CertificateState.VALID,
            CertificateState.SUSPENDED,
        }
        return not stands or certificate.expires_on < clock.today()
    changed = changed_certificate(case)
    if changed is not None and (changed.continued_by_id or not changed.stands_on(clock.today())):
        return True
    return case.decisions.filter(state=DecisionState.SIGNED, outcome=Outcome.REFUSE).exists()


def standing_certificate(*, case: Case) -> str:
    """The number of the certificate of a case while it is valid or suspended and not expired; else empty."""
    certificate = certificate_of_case(case)
    if certificate is None or certificate.state not in {CertificateState.VALID, CertificateState.SUSPENDED}:
        return ""
    return certificate.number if certificate.expires_on >= clock.today() else ""


def stages(*, cases: Sequence[Case]) -> dict[int, list[Stage]]:
    """The dots of the decision and of the certificate of each case."""
    decisions = Decision.objects.filter(case__in=cases).exclude(state=DecisionState.RETURNED).order_by("id")
    decision_of = {one.case_id: one for one in decisions}
    certificates = Certificate.objects.filter(case__in=cases).exclude(state=CertificateState.VOID)
    state_of = dict(certificates.order_by("id").values_list("case", "state"))
    reports = Report.objects.filter(case__in=cases, state=ReportState.RELEASED)
    reported = set(reports.values_list("case", flat=True))
    return {
        case.pk: _stages(decision_of.get(case.pk), state_of.get(case.pk), is_reported=case.pk in reported)
        for case in cases
    }


def _stages(decision: Decision | None, certificate: str | None, *, is_reported: bool) -> list[Stage]:
    is_signed = decision is not None and decision.state == DecisionState.SIGNED
    if is_signed and decision is not None and decision.outcome == Outcome.REFUSE:
        return [Stage(DECISION_ORDER, _("Decision"), StageState.ENDED)]
    is_before_committee = decision is not None or is_reported
    decided = (
        StageState.DONE if is_signed else StageState.CURRENT if is_before_committee else StageState.FUTURE
    )
    is_issued = certificate in PUBLIC_STATES
    issued = StageState.DONE if is_issued else StageState.CURRENT if is_signed else StageState.FUTURE
    return [
        Stage(DECISION_ORDER, _("Decision"), decided),
        Stage(CERTIFICATE_ORDER, _("Certificate"), issued),
    ]


def published_time(*, cases: Sequence[Case]) -> dict[int, PublishedTime]:
    """The published times for the decision on a released report and for issuing what a signed decision grants."""
    found: dict[int, PublishedTime] = {}
    settings: dict[str, int] = settings_of(["decision_days", "certificate_days"])
    signed = Decision.objects.filter(case__in=cases, state=DecisionState.SIGNED)
    reported = Report.objects.filter(case__in=cases, state=ReportState.RELEASED)
    for case, at in reported.order_by("released_at").values_list("case", "released_at"):
        if at is not None:
            found[case] = PublishedTime(settings["decision_days"], day_of(at))
    for case, at in signed.order_by("signed_at").values_list("case", "signed_at"):
        if at is not None:
            found[case] = PublishedTime(settings["certificate_days"], day_of(at))
    return found


def certificate_line(*, cases: Sequence[Case]) -> dict[int, CertificateLine]:
    """The newest certificate that the public may know of, of each case, as its client reads it today."""
    rows = public_certificates().filter(case__in=cases).order_by("id")
    return {
        entry.certificate.case_id: CertificateLine(
            number=entry.number,
            url=reverse("portal_certificate", args=[entry.certificate.pk]),
            label=entry.standing.status.label,
            tone=entry.standing.status.tone,
        )
        for entry in map(entry_of, rows)
    }


def demo_is_loaded() -> bool:
    from certificates.demo.loading import (
        is_loaded,  # the cast of the demo is read only where one is asked for
    )

    return is_loaded()
