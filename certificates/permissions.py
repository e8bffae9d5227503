from typing import Any

from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Authorisation, User
from certbody.accounts.roles import Role
from certbody.permissions import YES, Rule, Verdict, has_role, is_independent, no
from certificates.models import Seat

# Who reads panels and decisions besides those who sit on a panel; auditors of a case do not.
COMMITTEE_READERS = (
    Role.SECRETARY,
    Role.HEAD,
    Role.CERTIFICATES,
    Role.TECHNICAL_REVIEWER,
    Role.QUALITY,
    Role.INSPECTOR,
)


def seat_of(user: User | None, panel: Any) -> Seat | None:
    """The seat of a user's person on a panel, also a recused one."""
    if user is None or not user.is_active or panel.pk is None:
        return None
    return Seat.objects.filter(panel=panel, person_id=user.person_id).select_related("ballot").first()


def _judge_seat(user: User | None, panel: Any) -> Verdict:
    seat = seat_of(user, panel)
    if seat is None:
        return no(_("This is done by the members of the panel."))
    if seat.recused_at is not None:
        return no(_("You have withdrawn from this panel."))
    return YES


def authorisation_of(user: User) -> Authorisation | None:
    """The written authorisation to sign for the head that is in force today."""
    today = clock.today()
    rows = user.person.authorisations.filter(kind=Authorisation.Kind.SIGN, since__lte=today, until__gte=today)
    return rows.order_by("pk").first()


def _judge_delegate(user: User | None, _obj: Any) -> Verdict:
    if user is not None and user.is_staff_member and authorisation_of(user):
        return YES
    return no(
        _("This is done by the head of the body, or by a person whom the head has authorised in writing.")
    )


holds_seat = Rule(_judge_seat)
signs_for_the_body = (has_role(Role.HEAD) | Rule(_judge_delegate)) & is_independent
heads_the_body = has_role(Role.HEAD) & is_independent
