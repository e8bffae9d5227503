from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet

from certbody import confidential
from certbody.accounts.models import User
from certbody.cases.models import Case
from certbody.desk.models import Task


def open_tasks_of(user: User) -> QuerySet[Task]:
    """Open tasks of a user: the person's own, those of the person's roles, and those of the organisations acted for."""
    # one column for person and roles: SQLite reads every open task for an "or" of two
    mine = Q(audience__in=[f"person {user.person_id}", *(f"role {role}" for role in sorted(user.roles))])
    if not user.is_staff_member:
        mine |= Q(organisation__in=user.organisations.values("pk"))
    tasks = Task.objects.filter(mine, closed_at=None).select_related("case__organisation")
    return tasks.exclude(confidential.hidden_from(user, "kind"))


def open_tasks_in(case: Case, user: User) -> QuerySet[Task]:
    """Everybody's open tasks in a case, as far as this reader may know of them."""
    return case.tasks.filter(closed_at=None).exclude(confidential.hidden_from(user, "kind"))


def due_by(tasks: Sequence[Task], day: date) -> list[Task]:
    return [task for task in tasks if task.due_on is not None and task.due_on <= day]
