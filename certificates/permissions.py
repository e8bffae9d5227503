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


def authorisation_of(user: User, kind: str = Authorisation.Kind.SIGN) -> Authorisation | None:
    """The written authorisation that is in force today; None for people who do not work for the body."""
    if not user.is_staff_member:
        return None
    today = clock.today()
    rows = user.person.authorisations.filter(kind=kind, since__lte=today, until__gte=today)
    return rows.order_by("pk").first()


def reads_decisions(user: User) -> bool:
    """Whether the list of decisions is open: to the offices of the decision and to whoever may sign for the head."""
    return user.has_role(*COMMITTEE_READERS) or authorisation_of(user) is not None


def _is_authorised(kind: str, words: str) -> Rule:
    def judge(user: User | None, _obj: Any) -> Verdict:
        if user is not None and authorisation_of(user, kind):
            return YES
        return no(
            _("This is done by the head of the body, or by a person whom the head has authorised in writing.")
        )

    return Rule(judge, words)


holds_seat = Rule(_judge_seat, "member with a seat on the panel")
signs_for_the_body = (
    has_role(Role.HEAD) | _is_authorised(Authorisation.Kind.SIGN, "person authorised to sign")
) & is_independent
decides_standing = (
    has_role(Role.HEAD)
    | _is_authorised(Authorisation.Kind.SUSPEND, "person authorised to suspend and restore")
) & is_independent
heads_the_body = has_role(Role.HEAD) & is_independent
