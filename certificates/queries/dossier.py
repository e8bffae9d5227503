"""What a panel reads before it votes, gathered in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import get_language

from applications.models import Application, Contract
from applications.queries import current_contract
from audits.models import Audit, ExclusionSettlement, Finding, Report, ScoreOperation, TeamMember
from audits.queries import findings_of, team_of
from audits.scoring import open_sheet, result_of
from certbody.accounts.models import User
from certbody.body.queries import scheme_of
from certbody.cases.models import EVALUATION, Case
from certbody.scheme.score import Result
from certbody.workflow import Missing
from certificates import conditions
from certificates.models import Ballot, Decision, Panel, Seat
from certificates.states import PanelState


@dataclass(frozen=True)
class SectionBar:
    id: str
    title: str
    obtained: Fraction
    applicable: Fraction


@dataclass(frozen=True)
class Special:
    """A special deduction, its ground in words, and the finding that has to be closed."""

    operation: ScoreOperation
    ground: str
    finding: Finding | None


@dataclass(frozen=True)
class Exclusion:
    settlement: ExclusionSettlement
    title: str


@dataclass(frozen=True)
class Dossier:
    """The complete file of a case as the committee reads it."""

    case: Case
    application: Application
    contract: Contract | None
    audit: Audit
    report: Report
    result: Result
    bars: tuple[SectionBar, ...]
    team: tuple[TeamMember, ...]
    specials: tuple[Special, ...]
    bonus: ScoreOperation | None
    findings: tuple[Finding, ...]
    exclusions: tuple[Exclusion, ...]
    missing: tuple[Missing, ...]


def dossier_of(report: Report) -> Dossier:
    case, audit = report.case, report.audit
    scheme, result, sheet = scheme_of(case), result_of(audit), open_sheet(audit)
    language = get_language() or "en"
    findings = tuple(findings_of(audit))
    by_operation = {finding.deduction_id: finding for finding in findings}
    bars = tuple(
        SectionBar(
            group.id,
            group.title.in_language(language),
            result.sections[group.id].obtained,
            result.sections[group.id].applicable,
        )
        for group in scheme.level1
    )
    specials = tuple(
        Special(
            entry,
            scheme.ground(entry.value["ground"]).name.in_language(language),
            by_operation.get(entry.pk),
        )
        for entry in sheet.specials
    )
    exclusions = tuple(
        Exclusion(entry, scheme.clause(entry.clause).title.in_language(language))
        for entry in ExclusionSettlement.objects.filter(audit=audit)
    )
    return Dossier(
        case=case,
        application=Application.objects.get(case=case),
        contract=current_contract(case),
        audit=audit,
        report=report,
        result=result,
        bars=bars,
        team=tuple(team_of(audit)),
        specials=specials,
        bonus=sheet.bonus,
        findings=findings,
        exclusions=exclusions,
        missing=tuple(_missing(report)),
    )


def _missing(report: Report) -> Iterable[Missing]:
    yield from conditions.score_is_what_was_computed(report)
    yield from conditions.findings_are_closed(report.case)
    yield from conditions.contract_is_accepted(report.case)


def previous_vote(case: Case) -> tuple[Panel, Decision | None] | None:
    """The last closed vote of a case with the decision that came of it, if any: why another one is needed."""
    panel = Panel.objects.filter(case=case, state=PanelState.CLOSED).order_by("-session").first()
    return (panel, Decision.objects.filter(panel=panel).first()) if panel else None


@dataclass(frozen=True)
class SeatLine:
    """A seat as the reader may see it.

    How and why a member voted is shown after the closing, and never to whoever took part in the evaluation of the
    case; one's own vote is always shown.
    """

    seat: Seat
    has_voted: bool
    ballot: Ballot | None


def has_evaluated(user: User, case: Case) -> bool:
    return case.involvements.filter(person=user.person_id, part__in=EVALUATION).exists()


def seat_lines(panel: Panel, user: User) -> Sequence[SeatLine]:
    lines = []
    is_open_to_reader = panel.state == PanelState.CLOSED and not has_evaluated(user, panel.case)
    for seat in panel.seats.select_related("person", "ballot"):
        ballot = seat.ballot if hasattr(seat, "ballot") else None
        is_shown = is_open_to_reader or seat.person_id == user.person_id
        lines.append(SeatLine(seat, ballot is not None, ballot if is_shown else None))
    return lines
