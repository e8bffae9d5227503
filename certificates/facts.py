"""What this floor answers to questions of lower floors."""

from collections.abc import Sequence
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits.models import Report
from audits.states import ReportState
from certbody import clock
from certbody.accounts.models import Organisation, Person
from certbody.body.settings_catalogue import setting
from certbody.cases.models import Case, CaseKind
from certbody.files.models import StoredFile
from certbody.scheme.dates import months_later
from certbody.web.stages import Stage, StageState
from certificates.models import Certificate, Decision, IssuedDocument, Seat, StatusChange
from certificates.queries.certificates import certificate_of_case, withholding
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
    """The dots of the decision and of the certificate of each case; a change leads to a new edition."""
    decisions = Decision.objects.filter(case__in=cases).exclude(state=DecisionState.RETURNED).order_by("id")
    decision_of = {one.case_id: one for one in decisions}
    certificates = Certificate.objects.filter(case__in=cases).exclude(state=CertificateState.VOID)
    state_of = dict(certificates.order_by("id").values_list("case", "state"))
    reports = Report.objects.filter(case__in=cases, state=ReportState.RELEASED)
    reported = set(reports.values_list("case", flat=True))
    return {
        case.pk: [Stage(CERTIFICATE_ORDER, _("New edition"), StageState.FUTURE)]
        if case.kind == CaseKind.CHANGE and case.pk not in decision_of
        else _stages(decision_of.get(case.pk), state_of.get(case.pk), is_reported=case.pk in reported)
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


def demo_is_loaded() -> bool:
    from certificates.demo.loading import (
        is_loaded,  # the cast of the demo is read only where one is asked for
    )

    return is_loaded()
