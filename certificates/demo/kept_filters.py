"""What people of the demo body keep of their lists: in the menu, shared with a role."""

from django.http import QueryDict

from applications.lists import APPLICATIONS, CONTRACTS, DOCUMENTS
from certbody.accounts.roles import Role
from certbody.web.lists import StaffList, saved
from certificates.demo.people import account

KEPT: tuple[tuple[str, StaffList, str, str, str], ...] = (
    ("reviewer", APPLICATIONS, "等待认证委托人答复", "state=questions", Role.REVIEWER),
    ("reviewer", DOCUMENTS, "90 天内到期的材料", "days=90&sort=expires_on", Role.REVIEWER),
    ("contracts", CONTRACTS, "待接受的报价", "state=offered&sort=valid_until", Role.CONTRACTS),
)


def keep_filters() -> None:
    for name, definition, label, query, role in KEPT:
        saved.save(
            actor=account(name),
            definition=definition,
            params=QueryDict(query),
            name=label,
            shared_with=role,
            is_pinned=True,
        )
