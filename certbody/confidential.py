"""Subjects of a case that not everybody reads who may know of the case, such as money.

A subject is the word with which its events, kinds of tasks and kinds of files begin. Timelines, lists of tasks and the
download view leave out what a reader must not see; upper floors say in their handovers who that is.
"""

from collections.abc import Callable

from django.db.models import Q, QuerySet

from certbody.accounts.models import User
from certbody.cases.models import Case

ClosedCases = Callable[[User], "QuerySet[Case] | None"]

_subjects: dict[str, ClosedCases] = {}


def keep(subject: str, closed_cases: ClosedCases) -> None:
    """Register a subject; `closed_cases` gives the cases in which a user may not read it, None for every case."""
    _subjects[subject] = closed_cases


def keeps(name: str) -> bool:
    """Whether an event, a task or a file of this name or kind speaks of such a subject."""
    return name.startswith(tuple(_subjects))


def hidden_from(user: User, column: str) -> Q:
    """What to exclude from rows with a `case` for this reader; `column` holds the event's name or the kind.

    Clients are not concerned: what they read is chosen word by word elsewhere.
    """
    hidden = Q(pk__in=[])
    if not user.is_staff_member:
        return hidden
    for subject, closed_cases in _subjects.items():
        about = Q(**{f"{column}__startswith": subject})
        cases = closed_cases(user)
        hidden |= about if cases is None else about & Q(case__in=cases)
    return hidden
