from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from certbody.accounts.models import User
from certbody.cases.queries import visible_to as cases_visible_to
from certbody.files.models import Audience, StoredFile


def visible_to(user: User | AnonymousUser) -> QuerySet[StoredFile]:
    """Files that a user may read; for everybody else a file does not exist.

    People of the body read the files of the cases they may know of, and of those cases' organisations;
    clients read what their organisation shares with the body. A file that belongs to neither is the body's
    own.
    """
    if not isinstance(user, User) or not user.is_active:
        return StoredFile.objects.none()
    if user.is_staff_member:
        cases = cases_visible_to(user)
        of_the_organisation = Q(case=None, organisation__in=cases.values("organisation"))
        of_the_body = Q(case=None, organisation=None)
        return StoredFile.objects.filter(Q(case__in=cases.values("pk")) | of_the_organisation | of_the_body)
    return StoredFile.objects.filter(
        audience=Audience.CLIENT, organisation__in=user.organisations.values("pk")
    )
