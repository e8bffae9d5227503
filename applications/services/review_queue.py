"""Who reviews which application."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from applications.catalogue.sections import desk_url
from applications.models import Application, ReviewAssignment
from applications.states import ApplicationState
from certbody import clock
from certbody.accounts.models import Person, User
from certbody.accounts.roles import Role
from certbody.desk.models import Task
from certbody.desk.services import Audience, close_tasks, open_task
from certbody.workflow import NotReady

REVIEW_TASK = "application.review"


def reviewers() -> QuerySet[Person]:
    """People who hold the office of an application reviewer today."""
    today = clock.today()
    in_office = Q(role_assignments__role=Role.REVIEWER, role_assignments__since__lte=today) & (
        Q(role_assignments__until=None) | Q(role_assignments__until__gte=today)
    )
    return Person.objects.filter(in_office).distinct().order_by("name", "pk")


def assignment_of(application: Application) -> ReviewAssignment | None:
    """The assignment in force."""
    return application.review_assignments.filter(ended_at=None).select_related("person").first()


def audience_of(application: Application) -> Audience:
    """For whom the review waits: the assigned reviewer while in office, else everybody with the role."""
    assigned = assignment_of(application)
    if assigned is not None and reviewers().filter(pk=assigned.person_id).exists():
        return Audience(person=assigned.person)
    return Audience(role=Role.REVIEWER)


def take_over(application: Application, *, actor: User) -> dict[str, Any]:
    """Take an application that nobody reviews yet."""
    return _hand_to(application, person=actor.person, by=actor)


def assign(application: Application, *, actor: User, person: Person) -> dict[str, Any]:
    """Give an application to a reviewer, whoever has it now. Raises NotReady."""
    if not reviewers().filter(pk=person.pk).exists():
        raise NotReady(_("This person does not hold the office of an application reviewer today."))
    current = assignment_of(application)
    if current is not None and current.person_id == person.pk:
        raise NotReady(_("This person reviews the application already."))
    return _hand_to(application, person=person, by=actor)


def _hand_to(application: Application, *, person: Person, by: User) -> dict[str, Any]:
    current = assignment_of(application)
    if current is not None:
        current.ended_at = clock.now()
        current.save(update_fields=["ended_at"])
    ReviewAssignment.objects.create(
        application=application, person=person, assigned_by=by.person, since=clock.now()
    )
    _move_task(application, person)
    return {"person": person.pk, "before": current.person_id if current else None}


def _move_task(application: Application, person: Person) -> None:
    """The task that waits for everybody, or for the colleague, waits for the person with its old last day."""
    if application.state != ApplicationState.SUBMITTED:
        return
    waiting = Task.objects.filter(
        kind=REVIEW_TASK,
        object_type=application._meta.label_lower,
        object_id=str(application.pk),
        closed_at=None,
    )
    due_on = waiting.values_list("due_on", flat=True).first()
    close_tasks(kinds=[REVIEW_TASK], obj=application)
    open_task(
        kind=REVIEW_TASK,
        obj=application,
        case=application.case,
        to=Audience(person=person),
        path=desk_url(application),
        due_on=due_on,
    )
