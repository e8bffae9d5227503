"""The entries of the menus that belong to no app above."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from certbody.web.navigation import Entry, register

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from certbody.accounts.models import User


def _is_stranger(user: "User | AnonymousUser") -> bool:
    return not user.is_authenticated


def register_public_entries() -> None:
    register(
        "public",
        Entry(label=_("Apply"), url_name="account_signup", icon="pencil", order=10, allowed=_is_stranger),
    )
    register("public", Entry(label=_("Rules"), url_name="home", icon="book", order=30, fragment="rules"))
