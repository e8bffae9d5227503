from typing import Any

from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.permissions import YES, Rule, Verdict, has_role, no


def _judge_administrator(user: User | None, _obj: Any) -> Verdict:
    if user is not None and user.has_role(Role.ADMINISTRATOR):
        return no(_("An administrator changes no scoring table and no setting of the body."))
    return YES


def _judge_other_person(user: User | None, table: Any) -> Verdict:
    confirmed = {table.head_confirmed_by_id, table.quality_confirmed_by_id} - {None}
    if user is not None and user.person_id in confirmed:
        return no(_("You have confirmed this table. The second confirmation comes from another person."))
    return YES


not_administrator = Rule(_judge_administrator, "not administrator")
other_person = Rule(_judge_other_person, "another person than the other confirmation")

is_head = has_role(Role.HEAD) & not_administrator
is_quality_manager = has_role(Role.QUALITY) & not_administrator
is_editor = has_role(Role.HEAD, Role.QUALITY) & not_administrator
