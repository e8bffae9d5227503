"""What an organisation can apply for today, and why something else is not possible."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from applications.catalogue.kinds import ASKED
from applications.queries import open_application_of, running_case_of, running_change_of
from applications.queries.completeness import blocked_sentence
from applications.queries.held import HeldCertificate, standing_certificate_of
from applications.states import ApplicationKind, WishedGrade
from certbody import clock, facts
from certbody.accounts.models import Organisation
from certbody.body.settings_catalogue import settings_of
from certbody.cases.models import Case
from certbody.scheme.dates import months_later

K = ApplicationKind

# A waiting time after a refusal or withdrawal bars every new evaluation; a new name or address is none.
BARRED = frozenset(ApplicationKind) - {K.DATA_CHANGE}


@dataclass(frozen=True)
class Choice:
    """One kind of application on the page that asks what the client wants; possible when `reasons` is empty."""

    kind: ApplicationKind
    explanation: str
    reasons: tuple[str, ...]
    note: str

    @property
    def is_possible(self) -> bool:
        return not self.reasons


@dataclass(frozen=True)
class Situation:
    """What is known of an organisation before anything begins; read once for all kinds."""

    organisation: Organisation
    scheme: str
    held: HeldCertificate | None
    is_open: bool
    running: Case | None
    blocked: str


def situation_of(organisation: Organisation, scheme: str) -> Situation:
    return Situation(
        organisation=organisation,
        scheme=scheme,
        held=standing_certificate_of(organisation, scheme),
        is_open=open_application_of(organisation, scheme) is not None,
        running=running_case_of(organisation, scheme),
        blocked=blocked_sentence(organisation),
    )


def choices_of(situation: Situation) -> list[Choice]:
    """Every kind in the order of the page, the possible ones with a remark, the others with the reasons."""
    explanations = _explanations()
    return [
        Choice(
            kind,
            explanations[kind],
            tuple(reasons_against(kind, situation)),
            _note(kind, situation.held),
        )
        for kind in ApplicationKind
    ]


def reasons_against(kind: str, situation: Situation) -> Iterator[str]:
    """Why an application of this kind cannot begin now."""
    if situation.is_open:
        yield _("An application of this organisation is already under way.")
    if ASKED[kind].rests_on_certificate:
        yield from _against_a_change(kind, situation)
    elif situation.running is not None:
        yield _sentence_about(situation.running)
    if situation.blocked and kind in BARRED:
        yield situation.blocked


def _against_a_change(kind: str, situation: Situation) -> Iterator[str]:
    held = situation.held
    if held is None:
        yield _(
            "The organisation holds no valid certificate of ours; an initial certification or a transfer is "
            "possible."
        )
        return
    if held.is_suspended and kind in {K.RECERTIFICATION, K.UPGRADE}:
        yield _("Certificate %(number)s is suspended; this is possible once it is restored.") % {
            "number": held.number
        }
    if kind == K.RECERTIFICATION and clock.today() < (first := recertification_opens(held)):
        yield _(
            "Certificate %(number)s is valid until %(day)s; the recertification can be applied for from "
            "%(first)s."
        ) % {
            "number": held.number,
            "day": held.expires_on.isoformat(),
            "first": first.isoformat(),
        }
    if kind == K.UPGRADE and held.grade == WishedGrade.STAR5:
        yield _("Certificate %(number)s has the highest grade already.") % {"number": held.number}
    if running := running_change_of(situation.organisation, situation.scheme, kind, besides=held.case_id):
        yield _("Case %(case)s of this kind is under way.") % {"case": running.reference}


def recertification_opens(held: HeldCertificate) -> date:
    """The first day on which the next cycle can be applied for."""
    months = settings_of(["recert_opens_before_expiry_months"])["recert_opens_before_expiry_months"]
    return months_later(held.expires_on, -months)


def last_day_to_apply(held: HeldCertificate) -> date:
    """The last day to apply for a recertification that is decided in time, as the body publishes it."""
    months = settings_of(["recert_apply_before_expiry_months"])["recert_apply_before_expiry_months"]
    return months_later(held.expires_on, -months)


def _sentence_about(running: Case) -> str:
    """What stands in the way of another application: the certificate of a case, or the case itself."""
    facts_of: dict[str, Any] = {"case": running.reference}
    if number := next(filter(None, facts.ask("standing_certificate", case=running)), ""):
        facts_of["number"] = number
        return (
            _("Another application is not possible now: certificate %(number)s stands (case %(case)s).")
            % facts_of
        )
    return _("Another application is not possible now: case %(case)s is under way.") % facts_of


def _explanations() -> dict[str, str]:
    return {
        K.INITIAL: _(
            "The organisation is to be certified for the first time, or again after its certificate ended."
        ),
        K.RECERTIFICATION: _("The certificate is to go on for another three years."),
        K.SCOPE_CHANGE: _("Goods or services are added, left out or named otherwise."),
        K.DATA_CHANGE: _("The organisation has another name or address, or its sites have changed."),
        K.UPGRADE: _("A whole new evaluation decides whether a higher grade is granted."),
        K.TRANSFER: _("A valid certificate of another certification body is to be continued by us."),
    }


def _note(kind: str, held: HeldCertificate | None) -> str:
    """A remark beside a kind that is possible."""
    if held is None:
        return ""
    if kind == K.SCOPE_CHANGE and held.is_suspended:
        return _("The certificate is suspended: its scope can be narrowed now, not extended.")
    if kind == K.RECERTIFICATION and clock.today() > (last := last_day_to_apply(held)):
        return _(
            "The last day to apply was %(last)s. If the audit is not finished by %(day)s, the certificate ends and an "
            "initial certification follows."
        ) % {"last": last.isoformat(), "day": held.expires_on.isoformat()}
    return ""
