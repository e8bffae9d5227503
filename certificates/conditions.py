"""What is missing before a step: the guards of the tables, each a sentence with a link to where it is supplied."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from applications.queries import current_contract
from audits.models import Report
from audits.queries import released_report
from audits.scoring import operations_hash, result_of
from certbody import clock
from certbody.accounts.models import User
from certbody.cases.models import Case, CaseKind
from certbody.permissions import independence
from certbody.scheme.faults import SheetFaults
from certbody.workflow import Missing
from certificates.models import Certificate, Decision, Panel
from certificates.permissions import seat_of
from certificates.queries.certificates import certificate_of_case, standing_certificates
from certificates.queries.committee import open_findings, open_panel_of, standing_decision, tally_of
from certificates.states import CertificateState, DecisionState, EditionState, Language, Outcome, grades_up_to


def _case_page(case: Case) -> str:
    return reverse("desk_case", args=[case.reference])


def _panel_page(panel: Panel) -> str:
    return reverse("panel", args=[panel.pk])


def ready_for_a_panel(panel: Panel, _actor: User | None) -> Iterable[Missing]:
    """Only a released report reaches the committee, with every finding closed and no other vote or decision."""
    case = panel.case
    report = released_report(case)
    if report is None or report.pk != panel.report_id:
        yield Missing(_("The audit report is not released."), _case_page(case))
        return
    yield from score_is_what_was_computed(report)
    yield from findings_are_closed(case)
    if other := open_panel_of(case):
        yield Missing(_("A panel of this case is voting already."), _panel_page(other))
    if decision := standing_decision(report):
        yield Missing(_("This report has been decided."), reverse("decision", args=[decision.pk]))


def score_is_what_was_computed(report: Report) -> Iterable[Missing]:
    """The server scores the marks again; a grade that they no longer give reaches nobody."""
    audit = report.audit
    try:
        grade = str(result_of(audit).grade)
    except SheetFaults:
        grade = ""
    if grade != audit.grade or operations_hash(audit) != audit.operations_hash:
        yield Missing(_("The marks do not give the recorded grade."), _case_page(report.case))


def findings_are_closed(case: Case) -> Iterable[Missing]:
    if count := open_findings(case):
        sentence = ngettext(
            "%(count)s finding is not verified.", "%(count)s findings are not verified.", count
        )
        yield Missing(sentence % {"count": count}, _case_page(case))


def contract_is_accepted(case: Case) -> Iterable[Missing]:
    if current_contract(case) is None:
        yield Missing(_("The contract is not accepted."), _case_page(case))


def has_not_voted(panel: Panel, actor: User | None) -> Iterable[Missing]:
    seat = seat_of(actor, panel)
    if seat is not None and hasattr(seat, "ballot"):
        yield Missing(_("You have already voted; a vote is final."))


def has_quorum(panel: Panel, _actor: User | None) -> Iterable[Missing]:
    tally = tally_of(panel)
    if not tally.has_quorum:
        yield Missing(
            _("%(cast)s of at least %(quorum)s votes are cast.")
            % {"cast": tally.cast, "quorum": panel.quorum},
            _panel_page(panel),
        )


def follows_a_carried_motion(decision: Decision, _actor: User | None) -> Iterable[Missing]:
    if not decision.panel.carried:
        yield Missing(_("The motion was not carried."), _panel_page(decision.panel))


def voters_are_independent(decision: Decision, _actor: User | None) -> Iterable[Missing]:
    """Independence as it is today, for everybody whose vote counted and for whoever signed (INV-2)."""
    people = {seat.person for seat in decision.panel.seats.filter(recused_at=None, ballot__isnull=False)}
    if decision.signed_by is not None:
        people.add(decision.signed_by)
    for person in sorted(people, key=lambda entry: entry.pk):
        if not (verdict := independence(person, decision.case)):
            yield Missing(verdict.reason)


def still_decided(decision: Decision, _actor: User | None) -> Iterable[Missing]:
    """The decision rests on a closed panel whose ballots still give it, about the report that is released."""
    panel = decision.panel
    tally = tally_of(panel)
    if not (panel.carried and tally.is_carried):
        yield Missing(_("The ballots do not carry the motion."), _panel_page(panel))
    if (decision.outcome, decision.grade) != (panel.motion_outcome, panel.motion_grade):
        yield Missing(_("The decision is not what the panel voted on."), _panel_page(panel))
    report = released_report(decision.case)
    if report is None or report.pk != decision.report_id:
        yield Missing(_("The audit report is not released."), _case_page(decision.case))
        return
    yield from score_is_what_was_computed(report)
    if decision.outcome == Outcome.GRANT and decision.grade not in grades_up_to(report.audit.grade):
        yield Missing(_("The grade is above the computed one."), _panel_page(panel))


def ready_to_sign(decision: Decision, actor: User | None) -> Iterable[Missing]:
    yield from still_decided(decision, actor)
    yield from voters_are_independent(decision, actor)


def ready_to_issue(certificate: Certificate, actor: User | None) -> Iterable[Missing]:
    """Step 1 of the order of issuing: decision, contract, votes and independence are checked again."""
    decision, case = certificate.decision, certificate.case
    if decision.state != DecisionState.SIGNED or decision.outcome != Outcome.GRANT:
        yield Missing(_("The decision to grant is not signed."), reverse("decision", args=[decision.pk]))
        return
    yield from still_decided(decision, actor)
    yield from voters_are_independent(decision, actor)
    yield from contract_is_accepted(case)
    if other := certificate_of_case(case):
        yield Missing(
            _("Certificate %(number)s has this decision already.") % {"number": other.number},
            reverse("certificate", args=[other.pk]),
        )
    yield from no_other_stands(certificate, actor)


def no_other_stands(certificate: Certificate, _actor: User | None) -> Iterable[Missing]:
    """Only a recertification follows a certificate that still runs, and never a suspended one (docs/decisions/0017)."""
    case = certificate.case
    others = standing_certificates(case).filter(expires_on__gte=clock.today())
    for other in others.exclude(pk=certificate.pk) if certificate.pk else others:
        if case.kind != CaseKind.RECERTIFICATION:
            sentence = _("The organisation holds certificate %(number)s, which has not ended.")
        elif other.state == CertificateState.SUSPENDED:
            sentence = _("Certificate %(number)s is suspended; it must be restored first.")
        else:
            continue
        yield Missing(sentence % {"number": other.number}, reverse("certificate", args=[other.pk]))


def every_document_is_kept(certificate: Certificate, actor: User | None) -> Iterable[Missing]:
    """Step 5: valid only when the document of every language is durable."""
    kept = set(
        certificate.editions.filter(state=EditionState.RESERVED).values_list("documents__language", flat=True)
    )
    for language in Language:
        if language not in kept:
            yield Missing(_("The document in %(language)s is not made yet.") % {"language": language.label})
    yield from no_other_stands(certificate, actor)


def has_not_expired(certificate: Certificate, _actor: User | None) -> Iterable[Missing]:
    if certificate.expires_on < clock.today():
        yield Missing(_("The certificate ended on %(day)s.") % {"day": certificate.expires_on.isoformat()})
