"""Who may take the steps of applications and contracts; all of it is made of the kernel's rules."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.models import Contract
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Part
from certbody.permissions import YES, Rule, Verdict, has_role, is_client, no, system_only, without_interest

by_client = is_client
by_reviewer = has_role(Role.REVIEWER)
by_contracts = has_role(Role.CONTRACTS)
by_system = system_only


def _judge_second_person(user: User | None, contract: Any) -> Verdict:
    """Who agrees to a discount or a cut of time has not made it, sells nothing in the case and has no stake in it."""
    if user is None:
        return no(_("This is done by a person."))
    if not isinstance(contract, Contract) or contract.case_id is None:
        return YES
    if contract.adjusted_by_id == user.person_id:
        return no(_("You made this adjustment. A second person has to agree to it."))
    if contract.case.involvements.filter(person=user.person, part=Part.SALES).exists():
        return no(_("You took part in the offer of this case. Somebody who did not has to agree."))
    return without_interest(user.person, contract.case)


is_second_person = Rule(_judge_second_person, "another person than the one who adjusted, not in sales")
by_approver = has_role(Role.HEAD, Role.QUALITY) & is_second_person
by_market = has_role(Role.REVIEWER, Role.CONTRACTS)
