"""Who reads and who handles money: payment never reaches those who evaluate and decide (the money firewall).

Readers are finance, contracts and the head, and the inspector, who only reads. Whoever holds one of these offices and
also takes part in the evaluation, the reviews or the vote of a case, or is appointed to it, reads nothing of its money
and takes no step with it; whoever took such a step is barred from review, vote and signature (`Part.PAYMENT`).
"""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import Person, User
from certbody.accounts.roles import Role
from certbody.cases.models import EVALUATION, Case, Part
from certbody.permissions import YES, Rule, Verdict, case_of, has_role, is_client, no, system_only

MONEY_READERS = (Role.FINANCE, Role.CONTRACTS, Role.HEAD, Role.INSPECTOR)
APART = frozenset({*EVALUATION, Part.APPLICATION_REVIEW, Part.TECHNICAL_REVIEW, Part.VOTE})


def cases_apart_from_money(person: Person) -> QuerySet[Case]:
    """The cases in which a person evaluates, reviews or votes, or is appointed to."""
    took_part = person.involvements.filter(part__in=APART).values("case")
    appointed = person.accesses.filter(ended_at=None).values("case")
    return Case.objects.filter(Q(pk__in=took_part) | Q(pk__in=appointed))


def cases_closed_to(user: User) -> QuerySet[Case] | None:
    """The cases whose money a person of the body may not read; None for all of them."""
    if not user.has_role(*MONEY_READERS):
        return None
    return cases_apart_from_money(user.person)


def _judge_apart(user: User | None, obj: Any) -> Verdict:
    case = case_of(obj)
    if user is None or case is None or case.pk is None:
        return YES
    if cases_apart_from_money(user.person).filter(pk=case.pk).exists():
        return no(
            _(
                "You take part in the evaluation or the decision of this case, so its money is handled by others."
            )
        )
    return YES


by_finance = has_role(Role.FINANCE) & Rule(_judge_apart, "without a part in evaluation or decision")
by_client = is_client
by_system = system_only
by_finance_or_system = system_only | by_finance
