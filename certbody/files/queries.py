from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from certbody import confidential
from certbody.accounts.models import User
from certbody.accounts.roles import ALL_CASES
from certbody.cases.models import EVALUATION, SEAT_ON_PANEL
from certbody.cases.queries import visible_to as cases_visible_to
from certbody.files.models import Audience, StoredFile


def visible_to(user: User | AnonymousUser) -> QuerySet[StoredFile]:
    """Files that a user may read; for everybody else a file does not exist.

    People of the body read the files of the cases they may know of, and of those cases' organisations;
    clients read what their organisation shares with the body. A file that belongs to neither is the body's
    own. What is for the committee alone stays closed to whoever evaluates the case, and a confidential subject to
    whoever may not read it.
    """
    if not isinstance(user, User) or not user.is_active:
        return StoredFile.objects.none()
    if user.is_staff_member:
        cases = cases_visible_to(user)
        of_the_organisation = Q(case=None, organisation__in=cases.values("organisation"))
        of_the_body = Q(case=None, organisation=None)
        of_the_case = Q(case__in=cases.values("pk")) & (
            ~Q(audience=Audience.PANEL) | _is_for_the_committee(user)
        )
        found = StoredFile.objects.filter(of_the_case | of_the_organisation | of_the_body)
        return found.exclude(confidential.hidden_from(user, "kind"))
    return StoredFile.objects.filter(
        audience=Audience.CLIENT, organisation__in=user.organisations.values("pk")
    )


def _is_for_the_committee(user: User) -> Q:
    """Cases whose committee files a person of the body reads: an office all, a member those of an open seat.

    Not those in which the person is appointed to the evaluation or took part in it.
    """
    accesses = user.person.accesses.filter(ended_at=None)
    seats = (
        Q() if user.has_role(*ALL_CASES) else Q(case__in=accesses.filter(ground=SEAT_ON_PANEL).values("case"))
    )
    appointed = Q(case__in=accesses.exclude(ground=SEAT_ON_PANEL).values("case"))
    evaluated = Q(case__in=user.person.involvements.filter(part__in=EVALUATION).values("case"))
    return seats & ~appointed & ~evaluated
