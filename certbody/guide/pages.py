"""The pages of docs/guide as the product shows them.

Only files named here are ever read: an address is looked up among the pages first, and no part of it becomes a path.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.guide.rendering import Heading, render, title_of

FOLDER = Path(settings.BASE_DIR, "docs", "guide")
INDEX = "index"
FOLDERS = {"en": "en", "zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}


@dataclass(frozen=True)
class Link:
    """A page of the guide in a list."""

    slug: str
    title: str


@dataclass(frozen=True)
class Page:
    """One page of the guide in one language."""

    slug: str
    title: str
    body: SafeString
    headings: tuple[Heading, ...]


# The pages in the order of the procedure, each with the roles that work by it. Clients and the public hold no role.
PAGES: dict[str, frozenset[Role]] = {
    "client": frozenset(),
    "reviewer": frozenset({Role.REVIEWER}),
    "contracts": frozenset({Role.CONTRACTS}),
    "finance": frozenset({Role.FINANCE}),
    "planner": frozenset({Role.PLANNER}),
    "auditor": frozenset({Role.AUDITOR}),
    "expert": frozenset({Role.EXPERT}),
    "technical-reviewer": frozenset({Role.TECHNICAL_REVIEWER}),
    "committee": frozenset({Role.COMMITTEE, Role.CHAIR, Role.SECRETARY}),
    "head": frozenset({Role.HEAD}),
    "certificates": frozenset({Role.CERTIFICATES}),
    "quality": frozenset({Role.QUALITY}),
    "inspector": frozenset({Role.INSPECTOR}),
    "administrator": frozenset({Role.ADMINISTRATOR}),
    "public": frozenset(),
}


def page(slug: str) -> Page:
    """A page in the reader's language; KeyError for one that does not exist."""
    if slug != INDEX and slug not in PAGES:
        raise KeyError(slug)
    return _page(slug, _folder())


def links(slugs: Iterable[str] = PAGES) -> list[Link]:
    """Pages as entries of a list; only their titles are read."""
    return [_link(slug, _folder()) for slug in slugs]


def links_for(user: User) -> list[Link]:
    """The pages by which this user works: one a role, or the client's."""
    if not user.is_staff_member:
        return links(["client"])
    return links(slug for slug, roles in PAGES.items() if roles & user.roles)


def _folder() -> str:
    return FOLDERS.get(get_language() or "", "en")


def _text(slug: str, folder: str) -> str:
    return (FOLDER / folder / f"{slug}.md").read_text(encoding="utf-8")


@cache
def _link(slug: str, folder: str) -> Link:
    return Link(slug, title_of(_text(slug, folder)))


@cache
def _page(slug: str, folder: str) -> Page:
    title, body, headings = render(_text(slug, folder), pictures=FOLDER / "pictures" / folder)
    return Page(slug, title, body, headings)
