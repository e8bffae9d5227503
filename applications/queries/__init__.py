from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from applications.models import Application, ApplicationDocument, Contract, Enquiry
from applications.states import ApplicationState, ContractState
from certbody import facts
from certbody.accounts.models import Organisation, User
from certbody.accounts.roles import Role
from certbody.cases import queries as cases
from certbody.cases.models import Case, CaseKind
from certbody.files.quarantine import in_quarantine
from certbody.trail.models import Event

SUBMISSIONS = ("application.submitted", "application.resubmitted")
OPEN_STATES = (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.QUESTIONS)


def visible_to(user: User | AnonymousUser) -> QuerySet[Application]:
    """Applications of the cases that a user may know of."""
    rows = Application.objects.select_related("case__organisation")
    return cases.of_visible_cases(rows, user)


@dataclass(frozen=True)
class Reopening:
    """An accepted application went back into review: when, and why as far as an upper floor knows."""

    at: datetime
    reason: str


def reopening_of(application: Application) -> Reopening | None:
    """The reopening that the present review answers; None for a review that follows a submission."""
    if application.state != ApplicationState.SUBMITTED or application.revision < 2:
        return None
    wish = application.reported_changes.filter(revision=application.revision - 1).last()
    if wish is not None and wish.settled_at is not None:
        return Reopening(wish.settled_at, wish.description)
    last = (
        Event.objects.filter(case=application.case_id, name__in=("application.reopened", *SUBMISSIONS))
        .order_by("-id")
        .first()
    )
    if last is None or last.name in SUBMISSIONS:
        return None
    reasons = facts.ask("reason_of_reopening", case=application.case)
    return Reopening(last.at, next((reason for reason in reasons if reason), ""))


def contracts_visible_to(user: User | AnonymousUser) -> QuerySet[Contract]:
    """Contracts of the cases that a user may know of; clients see no draft of a quote."""
    rows = Contract.objects.select_related(
        "case__organisation", "application", "pdf", "signed_scan", "amends"
    )
    rows = rows.annotate(scan_is_closed=in_quarantine("signed_scan"))
    found = cases.of_visible_cases(rows, user)
    if isinstance(user, User) and user.is_staff_member:
        return found
    return found.exclude(state=ContractState.DRAFT).exclude(state=ContractState.VOID, offered_at=None)


ADJUSTMENT_READERS = (Role.CONTRACTS, Role.HEAD, Role.QUALITY, Role.INSPECTOR)
ENQUIRY_READERS = (Role.REVIEWER, Role.CONTRACTS, Role.HEAD, Role.QUALITY, Role.INSPECTOR)


def enquiries_visible_to(user: User | AnonymousUser) -> QuerySet[Enquiry]:
    """Enquiries hold contacts of people outside: only the market department, the heads and inspectors read them."""
    if not isinstance(user, User) or not user.is_active or not user.has_role(*ENQUIRY_READERS):
        return Enquiry.objects.none()
    return Enquiry.objects.select_related("owner", "logged_by", "application__case")


def names_of_enquiries(keys: Sequence[str]) -> dict[str, str]:
    """What a task about an enquiry says: who asks, and the number. Its readers are the market department."""
    rows = Enquiry.objects.filter(pk__in=keys).values_list("pk", "organisation_name", "reference")
    return {str(pk): f"{name} {reference}" for pk, name, reference in rows}


def current_contract(case: Case) -> Contract | None:
    """The accepted contract under which a case is audited.

    None while the application is in review again, and none until the contract that this review changed is accepted.
    """
    return (
        contract_in_force(case)
        .filter(application__state=ApplicationState.ACCEPTED, application_revision=F("application__revision"))
        .first()
    )


def contract_in_force(case: Case) -> QuerySet[Contract]:
    """The accepted contract of a case, also while its amendment is being made."""
    return Contract.objects.filter(case=case, state=ContractState.ACCEPTED)


def open_application_of(organisation: Organisation, scheme: str) -> Application | None:
    """The application that an organisation has begun and that the review has not ended yet."""
    return (
        Application.objects.filter(
            case__organisation=organisation, case__scheme=scheme, state__in=OPEN_STATES
        )
        .select_related("case__organisation")
        .first()
    )


def running_case_of(organisation: Organisation, scheme: str) -> Case | None:
    """The case of an accepted application that has neither been refused nor lost its certificate.

    A change of a certificate is none: it leads to no certificate of its own.
    """
    accepted = Case.objects.filter(
        organisation=organisation, scheme=scheme, application__state=ApplicationState.ACCEPTED
    ).exclude(kind=CaseKind.CHANGE)
    return next(
        (case for case in accepted.order_by("-pk") if not any(facts.ask("has_ended", case=case))), None
    )


def running_change_of(organisation: Organisation, scheme: str, kind: str, *, besides: int) -> Case | None:
    """Another accepted case of the same kind of application that has not ended; `besides` is the certificate's own."""
    accepted = Case.objects.filter(
        organisation=organisation,
        scheme=scheme,
        application__state=ApplicationState.ACCEPTED,
        application__kind=kind,
    ).exclude(pk=besides)
    return next(
        (case for case in accepted.order_by("-pk") if not any(facts.ask("has_ended", case=case))), None
    )


def documents_visible_to(user: User | AnonymousUser) -> QuerySet[ApplicationDocument]:
    """Documents in force of the applications that a user may know of."""
    rows = ApplicationDocument.objects.filter(replaced_by=None, removed_at=None)
    rows = rows.select_related("application__case__organisation", "file", "site")
    return cases.of_visible_cases(rows, user, path="application__case")


def organisations_visible_to(user: User | AnonymousUser) -> QuerySet[Organisation]:
    """Organisations that a user may know of, with who serves them and the number of their cases."""
    of_it = Case.objects.filter(organisation=OuterRef("pk")).order_by().values("organisation")
    number = Subquery(of_it.annotate(number=Count("pk")).values("number"))
    rows = cases.organisations_visible_to(user).select_related("customer_service_owner")
    return rows.annotate(cases_opened=Coalesce(number, 0))


def documents_in_force(application: Application) -> QuerySet[ApplicationDocument]:
    """The documents as they stand now, without replaced and removed versions.

    `is_closed` says of each whether nobody can open its file any more, because malicious software was found in it.
    """
    rows = application.documents.filter(replaced_by=None, removed_at=None).select_related("file")
    return and_whether_closed(rows)


def and_whether_closed(documents: QuerySet[Any]) -> QuerySet[Any]:
    rows: QuerySet[Any] = documents.annotate(is_closed=in_quarantine("file"))
    return rows


def closed_documents(application: Application) -> QuerySet[ApplicationDocument]:
    """The documents in force of which the client brings a clean copy."""
    rows: QuerySet[Any] = documents_in_force(application)
    return rows.filter(is_closed=True)
