"""Every address of the site and who asks for it: reads `urls.toml`, asks, and tells what differs."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import django.test.utils
from django.db import transaction
from django.http import HttpResponse
from django.template.base import Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from certbody.accounts.models import User
from tests.matrix.cast import Cast

FILE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("urls.toml").read_text("utf-8"))
GROUPS: dict[str, str] = FILE["groups"]
SHAPES: dict[str, str] = FILE["shapes"]
ROWS: dict[str, dict[str, str]] = FILE["urls"]
METHODS = ("get", "post")

# pages of allauth and of Django's admin differ by being signed in and by being the administrator, nothing else;
# pages that answer everybody alike ask nobody who he is
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

    clients: dict[str, Client]

    @classmethod
    def of(cls, cast: Cast, obj: Any) -> "Asker":
        clients = {"anonymous": Client(raise_request_exception=False)}
        for name, user in cast.around(obj).items():
            if user is not None:
                clients[name] = cls._sign_in(user)
        return cls(clients)

    @staticmethod
    def _sign_in(user: User) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(user)
        client.get("/accounts/email/")
        return client

    def answer(self, name: str, method: str, path: str, language: str = "en") -> HttpResponse:
        """What the page answers; the session is afterwards what it was before, whatever the page did to it."""
        client = self.clients[name]
        before = copy(client.cookies)
        ask = partial(getattr(client, method), path, headers={"accept-language": language})
        if method != "post":
            answer = ask()
        else:
            with transaction.atomic():
                answer = ask()
                transaction.set_rollback(True)
        client.cookies = before
        return answer

    def ask(self, name: str, method: str, path: str) -> str:
        return answer_in_short(self.answer(name, method, path))


@contextmanager
def plain_rendering() -> Iterator[None]:
    """Pages are drawn as in the product: the copies of every context that Django keeps for tests cost a fifth."""
    kept = django.test.utils._TestState.saved_data.template_render
    with mock.patch.object(Template, "_render", kept):
        yield


def answer_in_short(response: Any) -> str:
    """The status; `login` for being sent to the sign-in."""
    if response.status_code == 302 and response["Location"].startswith("/accounts/login/"):
        return "login"
    return str(response.status_code)


def columns_of(route: str, asker: Asker) -> Sequence[str]:
    is_alike = all(len(set(expected_of(ROWS[route][method]).values())) == 1 for method in METHODS)
    return FEW if is_alike or route.startswith(FOREIGN) else list(asker.clients)


def path_of(route: str, row: dict[str, str], things: dict[str, Any]) -> str:
    """The address of a row: as it stands there, or the route with the things that the row names for its parameters."""
    if "path" in row:
        return row["path"].format_map(things)
    return "/" + PARAMETER.sub(lambda found: str(things[row.get(found[1], found[1])]), route)
