"""By which table a self-assessment is scored, and who reads one that is kept."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from applications.models import SelfAssessment
from certbody.accounts.models import Organisation, User
from certbody.body.queries import confirmed_scheme
from certbody.body.settings_catalogue import SCHEME_OF_THE_DEFAULTS
from certbody.scheme.load import shipped
from certbody.scheme.model import Scheme


def table_of_today() -> Scheme:
    """The table by which new cases are scored: the body's confirmed one, before there is one the shipped."""
    confirmed = confirmed_scheme(SCHEME_OF_THE_DEFAULTS)
    return confirmed[0] if confirmed else shipped(SCHEME_OF_THE_DEFAULTS)


def organisations_to_keep_for(user: User | AnonymousUser) -> QuerySet[Organisation]:
    """The organisations for which a reader may keep one; none for visitors and for whoever works for the body."""
    if not isinstance(user, User) or user.is_staff_member:
        return Organisation.objects.none()
    return user.organisations.order_by("pk")


def visible_to(user: User | AnonymousUser) -> QuerySet[SelfAssessment]:
    """Those of a client's own organisations; whoever works for the body sees none, not even of a client of his."""
    rows = SelfAssessment.objects.filter(organisation__in=organisations_to_keep_for(user).values("pk"))
    return rows.select_related("organisation", "made_by__person")
