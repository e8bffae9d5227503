"""Who may, with the reason why not: small predicates joined with & | ~, each answering with a Verdict."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Person, User
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import setting
from certbody.cases.models import EVALUATION, Case, Part

Sentence = str | Promise


@dataclass(frozen=True)
class Verdict:
    allowed: bool
    reason: Sentence = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Verdict(allowed=True)


def no(reason: Sentence) -> Verdict:
    return Verdict(allowed=False, reason=reason)


class Rule:
    """A predicate over (user, object). `user` is None for the system itself, which only `system_only` admits.

    `words` says for whom it holds, in English, for the generated table of steps.
    """

    def __init__(self, judge: Callable[[User | None, Any], Verdict], words: str = "") -> None:
        self._judge = judge
        self.words = words

    def __call__(self, user: User | None, obj: Any) -> Verdict:
        return self._judge(user, obj)

    def __and__(self, other: "Rule") -> "Rule":
        return Rule(lambda user, obj: self(user, obj) and other(user, obj), f"{self.words}, {other.words}")

    def __or__(self, other: "Rule") -> "Rule":
        return Rule(lambda user, obj: self(user, obj) or other(user, obj), f"{self.words} or {other.words}")

    def __invert__(self) -> "Rule":
        def judge(user: User | None, obj: Any) -> Verdict:
            return no(_("This is not for you.")) if self(user, obj) else YES

        return Rule(judge, f"not {self.words}")


def case_of(obj: Any) -> Case | None:
    """The case that an object belongs to; a case is its own."""
    return obj if isinstance(obj, Case) else getattr(obj, "case", None)


def has_role(*roles: Role) -> Rule:
    """Any of the roles in force today."""

    def judge(user: User | None, obj: Any) -> Verdict:
        if user is not None and user.has_role(*roles):
            return YES
        return no(_only_for(roles))

    return Rule(judge, " / ".join(role.value.replace("_", " ") for role in roles))


def _only_for(roles: tuple[Role, ...]) -> str:
    names = " / ".join(str(role.label) for role in roles)
    return _("This is done by: %(roles)s.") % {"roles": names}


def _judge_member(user: User | None, obj: Any) -> Verdict:
    case = case_of(obj)
    organisation_id = case.organisation_id if case else getattr(obj, "organisation_id", None)
    if user is None or not user.is_active or organisation_id is None:
        return no(_("This is done by the client."))
    if user.organisations.filter(pk=organisation_id).exists():
        return YES
    return no(_("This is done by the client."))


def _judge_system(user: User | None, obj: Any) -> Verdict:
    return YES if user is None else no(_("The system does this by itself."))


is_client = Rule(_judge_member, "client")
system_only = Rule(_judge_system, "system")


def independence(person: Person, case: Case) -> Verdict:
    """Whether a person may review, vote or sign in a case (ISO/IEC 17065 7.5, 7.6; docs/decisions/0017).

    Barred: who took part in the evaluation; who has an interest in the client that is open or ended less than two
    years ago; who handled its invoices and payments, so that money decides nothing; and, unless the body's setting says
    otherwise, who made the offer.
    """
    barring = {*EVALUATION, Part.PAYMENT} | ({Part.SALES} if setting("sales_barred_from_decision") else set())
    parts = list(case.involvements.filter(person=person, part__in=barring).values_list("part", flat=True))
    if parts:
        return no(
            _("%(person)s took part in this case: %(parts)s. Whoever took part cannot review, vote or sign.")
            % {"person": person.name, "parts": ", ".join(str(Part(part).label) for part in sorted(parts))}
        )
    return without_interest(person, case)


def without_interest(person: Person, case: Case) -> Verdict:
    """No open interest in the client and none that ended within two years (ISO/IEC 17065 4.2.10)."""
    for interest in person.interests.filter(organisation_id=case.organisation_id):
        if interest.until is None or two_years_after(interest.until) > clock.today():
            return no(
                _(
                    "%(person)s has declared an interest in this organisation (%(kind)s) that ended less than two "
                    "years ago or still lasts."
                )
                % {"person": person.name, "kind": interest.get_kind_display()}
            )
    for membership in person.memberships.filter(organisation_id=case.organisation_id):
        ended_on = membership.ended_at.astimezone(clock.BODY_ZONE).date() if membership.ended_at else None
        if ended_on is None or two_years_after(ended_on) > clock.today():
            return no(
                _("%(person)s acts for this organisation, or did so less than two years ago.")
                % {"person": person.name}
            )
    return YES


def two_years_after(day: date) -> date:
    """The second anniversary; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + 2)
    except ValueError:
        return day.replace(year=day.year + 2, month=3, day=1)


def _judge_independent(user: User | None, obj: Any) -> Verdict:
    case = case_of(obj)
    if user is None or case is None:
        return no(_("This is done by a person."))
    return independence(user.person, case)


is_independent = Rule(_judge_independent, "independent of the evaluation")
