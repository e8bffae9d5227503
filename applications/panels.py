"""What this floor shows on home and case pages."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from applications import queries
from applications.completeness import contents_of, gaps_in
from applications.guards import may_begin
from applications.models import Application, Contract
from applications.paths import application_page, contract_page
from applications.services.organisations import identity_is_locked
from applications.states import ApplicationState, ContractState
from certbody.accounts.models import Organisation, User
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import SCHEME_OF_THE_DEFAULTS
from certbody.cases.models import Case
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
    rows: list[dict[str, Any]] = []
    for organisation in user.organisations.order_by("pk"):
        begun = Application.objects.filter(
            case__organisation=organisation, state__in=queries.OPEN_STATES
        ).first()
        rows.append(
            {
                "organisation": organisation,
                "application": begun,
                "reason": "" if begun else _why_not_now(organisation),
                "locked": identity_is_locked(organisation),
            }
        )
    return Panel(_("My organisation"), "applications/panels/organisations.html", {"rows": rows})


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


def stages(cases: Sequence[Case]) -> dict[int, list[Stage]]:
    """The first two stages of each case: application, contract."""
    accepted = Contract.objects.filter(
        case=OuterRef("case"), state=ContractState.ACCEPTED, application_revision=OuterRef("revision")
    )
    rows = Application.objects.filter(case__in=cases).annotate(has_contract=Exists(accepted))
    return {
        case: _stages(state, has_contract=has_contract)
        for case, state, has_contract in rows.values_list("case", "state", "has_contract")
    }


def _stages(state: str, *, has_contract: bool) -> list[Stage]:
    is_accepted = state == ApplicationState.ACCEPTED
    applied = DONE if is_accepted else ENDED if state in OVER else CURRENT
    return [
        Stage(10, _("Application"), applied),
        Stage(20, _("Contract"), (DONE if has_contract else CURRENT) if is_accepted else FUTURE),
    ]
