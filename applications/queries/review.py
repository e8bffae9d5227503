"""Who reviews what, and what waits."""

from datetime import timedelta
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast

from applications import queries
from applications.models import Application, Question, ReviewAssignment, ReviewItem
from applications.services.review_queue import REVIEW_TASK
from applications.states import ApplicationState
from certbody import clock
from certbody.accounts.models import User
from certbody.desk.models import Task

MINE, UNASSIGNED = "mine", "unassigned"
STATISTICS_DAYS = 365


def with_reviewers(user: User) -> QuerySet[Application]:
    """What a user may know of, each with `reviewer_name`, empty while nobody has taken it, and `is_mine`."""
    open_ones = ReviewAssignment.objects.filter(application=OuterRef("pk"), ended_at=None)
    return queries.visible_to(user).annotate(
        reviewer_name=Subquery(open_ones.values("person__name")[:1]),
        is_mine=Exists(open_ones.filter(person=user.person_id)),
    )


def of_reviewer(rows: QuerySet[Any], whose: str) -> QuerySet[Any]:
    """Of the rows of `with_reviewers` one's own, or those in review that nobody has taken."""
    if whose == MINE:
        return rows.filter(is_mine=True)
    in_review = rows.filter(state__in=(ApplicationState.SUBMITTED, ApplicationState.QUESTIONS))
    return in_review.filter(reviewer_name=None)


def queue_of(user: User) -> QuerySet[Application]:
    """What the user has to review now, the first last day first; what waits for the client is not in it."""
    due = Task.objects.filter(
        kind=REVIEW_TASK,
        object_type="applications.application",
        object_id=Cast(OuterRef("pk"), CharField()),
        closed_at=None,
    )
    mine = of_reviewer(with_reviewers(user), MINE).filter(state=ApplicationState.SUBMITTED)
    waiting: QuerySet[Application] = mine.annotate(due_on=Subquery(due.values("due_on")[:1]))
    return waiting.order_by(F("due_on").asc(nulls_last=True), "pk")


def next_in_queue(user: User, after: str = "") -> Application | None:
    """The application that follows one in the user's queue; behind the last one it begins again."""
    rows = list(queue_of(user))
    references = [row.case.reference for row in rows]
    place = references.index(after) + 1 if after in references else 0
    return next((row for row in rows[place:] + rows[:place] if row.case.reference != after), None)


def return_reasons() -> list[tuple[str, str, int]]:
    """How often which reason sent an application back within a year: section, reason, number; the most first."""
    since = clock.now() - timedelta(days=STATISTICS_DAYS)
    rows = Question.objects.filter(asked_at__gte=since).order_by().values_list("section", "reason")
    return list(rows.annotate(number=Count("pk")).order_by("-number", "section", "reason"))


def items_recorded(application: Application) -> QuerySet[ReviewItem]:
    """What the review of the present revision has judged."""
    return application.review_items.filter(revision=application.revision).select_related("person", "file")
