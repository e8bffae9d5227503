"""What this floor shows on home and case pages."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from applications import queries
from applications.catalogue.kinds import ASKED
from applications.catalogue.sections import questions_url
from applications.guards import may_begin
from applications.models import Application, Contract
from applications.panels.reported import notes_on_reports
from applications.paths import application_page, contract_page
from applications.queries.completeness import contents_of, gaps_in
from applications.states import ApplicationState, ContractState
from certbody import clock
from certbody.accounts.models import Invitation, Organisation, User
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import SCHEME_OF_THE_DEFAULTS, setting
from certbody.cases.models import Case
from certbody.desk.clocks import PublishedTime, day_of
from certbody.desk.home import Note
from certbody.web.panels import Panel
from certbody.web.stages import Stage, StageState

DONE, CURRENT, FUTURE, ENDED = StageState.DONE, StageState.CURRENT, StageState.FUTURE, StageState.ENDED
OVER = frozenset({ApplicationState.DECLINED, ApplicationState.WITHDRAWN})


def application_in_case(user: User, case: Case | None = None) -> Panel | None:
    """The application of a case, for either side."""
    application = queries.visible_to(user).filter(case=case).first() if case is not None else None
    if application is None:
        return None
    context = {
        "application": application,
        "is_staff": user.is_staff_member,
        "url": application_page(application, user),
        "gaps": len(gaps_in(contents_of(application))) if application.is_writable else 0,
    }
    return Panel(_("Application"), "applications/panels/application.html", context)


def client_in_case(user: User, case: Case | None = None) -> Panel | None:
    """Whose case it is and who of the body looks after the client, for the desk."""
    if case is None:
        return None
    organisation = Organisation.objects.select_related("customer_service_owner").get(pk=case.organisation_id)
    context = {
        "organisation": organisation,
        "may_name": user.has_role(Role.REVIEWER, Role.CONTRACTS, Role.HEAD),
    }
    return Panel(_("Client"), "applications/panels/client.html", context)


def contracts_in_case(user: User, case: Case | None = None) -> Panel | None:
    if case is None:
        return None
    rows = [
        (contract, contract_page(contract, staff=user.is_staff_member))
        for contract in queries.contracts_visible_to(user).filter(case=case)
    ]
    if not rows:
        return None
    return Panel(
        _("Contract"), "applications/panels/contracts.html", {"rows": rows, "is_staff": user.is_staff_member}
    )


def organisations_of_client(user: User, case: Case | None = None) -> Panel | None:
    """The client's organisations, with the way to begin an application."""
    organisations = list(user.organisations.order_by("pk"))
    begun = Application.objects.filter(
        case__organisation__in=[one.pk for one in organisations], state__in=queries.OPEN_STATES
    )
    application_of = {one.case.organisation_id: one for one in begun.select_related("case").order_by("-pk")}
    rows: list[dict[str, Any]] = [
        {
            "organisation": one,
            "application": application_of.get(one.pk),
            "reason": "" if one.pk in application_of else _why_not_now(one),
        }
        for one in organisations
    ]
    has_cases = any(row["application"] or row["reason"] for row in rows)
    for number, row in enumerate(rows):
        row["is_primary"] = not has_cases and not number
    context = {"rows": rows, "invitations": _invitations_to(user)}
    return Panel(_("My organisation"), "applications/panels/organisations.html", context)


def _invitations_to(user: User) -> int:
    """How many invitations wait for the account, so that nobody needs the mail again after signing up."""
    waiting = Invitation.objects.filter(email=user.email.lower(), used_at=None, revoked_at=None)
    return waiting.filter(expires_on__gte=clock.today()).count()


def _why_not_now(organisation: Organisation) -> str:
    """Why no application can be begun now; empty when one can."""
    wish = Application(case=Case(organisation=organisation, scheme=SCHEME_OF_THE_DEFAULTS))
    return " ".join(str(missing.sentence) for missing in may_begin(wish, None))


def pipeline(user: User, case: Case | None = None) -> Panel | None:
    """How many applications and contracts are where, for those who work on them."""
    if not user.has_role(Role.REVIEWER, Role.CONTRACTS, Role.PLANNER, Role.HEAD, Role.INSPECTOR):
        return None
    counts = _counts(queries.visible_to(user), ApplicationState.SUBMITTED, ApplicationState.QUESTIONS)
    counts |= _counts(queries.contracts_visible_to(user), ContractState.OFFERED)
    rows = [
        (
            _("Applications in review"),
            counts.get(ApplicationState.SUBMITTED, 0),
            "applications:desk_list",
            ApplicationState.SUBMITTED.value,
        ),
        (
            _("Waiting for answers"),
            counts.get(ApplicationState.QUESTIONS, 0),
            "applications:desk_list",
            ApplicationState.QUESTIONS.value,
        ),
        (
            _("Offers open"),
            counts.get(ContractState.OFFERED, 0),
            "applications:desk_contracts",
            ContractState.OFFERED.value,
        ),
    ]
    return Panel(_("Applications and contracts"), "applications/panels/pipeline.html", {"rows": rows})


def _counts(rows: Any, *states: str) -> dict[str, int]:
    """Only of what waits: what has ended grows for ever."""
    waiting = rows.filter(state__in=states).order_by()
    return dict(waiting.values_list("state").annotate(number=Count("pk")))


def published_time(cases: Sequence[Case]) -> dict[int, PublishedTime]:
    """The published time for the review, while an application is in it."""
    rows = Application.objects.filter(case__in=cases, state=ApplicationState.SUBMITTED)
    submitted = [(case, at) for case, at in rows.values_list("case", "submitted_at") if at is not None]
    if not submitted:
        return {}
    days = setting("document_review_days")
    return {case: PublishedTime(days, day_of(at)) for case, at in submitted}


def client_notes(cases: Sequence[Case]) -> dict[int, list[Note]]:
    """How many of our questions a client has still to answer, and the change that it told us of, by the case."""
    open_ones = Count(
        "questions", filter=Q(questions__answer="", questions__revision=F("revision")), distinct=True
    )
    rows = Application.objects.filter(case__in=cases, state=ApplicationState.QUESTIONS)
    rows = rows.select_related("case").annotate(open_questions=open_ones).filter(open_questions__gt=0)
    notes = {row.case_id: [Note(_questions(row.open_questions), questions_url(row))] for row in rows}
    for case, note in notes_on_reports(cases).items():
        notes.setdefault(case, []).append(note)
    return notes


def _questions(number: int) -> str:
    sentence = ngettext(
        "One of our questions waits for your answer.",
        "%(number)s of our questions wait for your answers.",
        number,
    )
    return sentence % {"number": number}


def stages(cases: Sequence[Case]) -> dict[int, list[Stage]]:
    """The first two stages of each case: application, contract."""
    accepted = Contract.objects.filter(
        case=OuterRef("case"), state=ContractState.ACCEPTED, application_revision=OuterRef("revision")
    )
    rows = Application.objects.filter(case__in=cases).annotate(has_contract=Exists(accepted))
    return {
        case: _stages(kind, state, has_contract=has_contract)
        for case, kind, state, has_contract in rows.values_list("case", "kind", "state", "has_contract")
    }


def _stages(kind: str, state: str, *, has_contract: bool) -> list[Stage]:
    """A certificate that is only changed has no contract of its own to wait for."""
    is_accepted = state == ApplicationState.ACCEPTED
    applied = DONE if is_accepted else ENDED if state in OVER else CURRENT
    found = [Stage(10, _("Application"), applied)]
    if ASKED[kind].ends_in_certificate:
        contracted = (DONE if has_contract else CURRENT) if is_accepted else FUTURE
        found.append(Stage(20, _("Contract"), contracted))
    return found
