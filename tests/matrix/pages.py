"""Every address of the site and who asks for it: reads `urls.toml`, asks, and tells what differs."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from certbody.accounts.models import User
from tests.matrix.cast import Cast

FILE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("urls.toml").read_text("utf-8"))
GROUPS: dict[str, str] = FILE["groups"]
SHAPES: dict[str, str] = FILE["shapes"]
ROWS: dict[str, dict[str, str]] = FILE["urls"]
METHODS = ("get", "post")

# pages of allauth and of Django's admin differ by being signed in and by being the administrator, nothing else
FEW = ("anonymous", "client", "inspector", "administrator")
FOREIGN = ("accounts/", "admin/")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern of the site with its whole route."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route, pattern


def people_of(group: str) -> list[str]:
    """The people of a group, which may name other groups."""
    return [
        name for word in group.split() for name in (people_of(GROUPS[word]) if word in GROUPS else [word])
    ]


def expected_of(row: str) -> dict[str, str]:
    """`people:answer` from left to right, later words win; a word without a colon is a shape."""
    answers: dict[str, str] = {}
    for word in row.split():
        people, colon, answer = word.partition(":")
        answers |= dict.fromkeys(people_of(people), answer) if colon else expected_of(SHAPES[people])
    return answers


@dataclass
class Asker:
    """Asks one page as one person; what a POST did is taken back."""

    sessions: dict[str, str]

    @classmethod
    def of(cls, cast: Cast, obj: Any) -> "Asker":
        sessions = {"anonymous": ""}
        for name, user in cast.around(obj).items():
            if user is not None:
                sessions[name] = cls._sign_in(user)
        return cls(sessions)

    @staticmethod
    def _sign_in(user: User) -> str:
        client = Client()
        client.force_login(user)
        client.get("/accounts/email/")
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def ask(self, name: str, method: str, path: str) -> str:
        client = Client(raise_request_exception=False)
        if self.sessions[name]:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[name]
        if method != "post":
            return answer_in_short(getattr(client, method)(path))
        with transaction.atomic():
            answer = answer_in_short(client.post(path))
            transaction.set_rollback(True)
        return answer


def answer_in_short(response: Any) -> str:
    """The status; `login` for being sent to the sign-in."""
    if response.status_code == 302 and response["Location"].startswith("/accounts/login/"):
        return "login"
    return str(response.status_code)


def columns_of(route: str, asker: Asker) -> list[str]:
    return [name for name in asker.sessions if not route.startswith(FOREIGN) or name in FEW]


def path_of(route: str, row: dict[str, str], things: dict[str, Any]) -> str:
    """The address of a row: as it stands there, or the route with the things that the row names for its parameters."""
    if "path" in row:
        return row["path"].format(**things)
    return "/" + PARAMETER.sub(lambda found: str(things[row.get(found[1], found[1])]), route)
