from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.desk.queries import open_tasks_of
from certbody.web import navigation
from certbody.web.navigation import Entry


def _is_staff_member(user: User) -> bool:
    return user.is_staff_member


def _is_administrator(user: User) -> bool:
    return user.is_staff


def _waiting(user: User) -> int:
    return open_tasks_of(user).count()


def register() -> None:
    navigation.register(
        "desk",
        Entry(
            label=_("My tasks"),
            url_name="desk",
            icon="inbox",
            allowed=_is_staff_member,
            count=_waiting,
            order=10,
        ),
    )
    navigation.register(
        "desk",
        Entry(
            label=_("Accounts and roles"),
            url_name="admin:index",
            icon="users",
            allowed=_is_administrator,
            order=20,
        ),
    )
    navigation.register(
        "portal", Entry(label=_("My certification"), url_name="portal", icon="home", order=10)
    )
