"""Entries of the menus; every app registers its own in `AppConfig.ready()`."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from django.urls import reverse

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest
    from django.utils.functional import Promise

    from certbody.accounts.models import User

Surface: TypeAlias = Literal["desk", "portal", "public"]


def everybody(_user: "User | AnonymousUser") -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a menu.

    `allowed` decides whether the reader sees it; on the desk and in the portal only people who are signed in
    are asked about. `count` is the number behind the label: what waits for this reader. `fragment` names a
    part of the page, for entries that share one. `covers` names views below another entry's address that belong to
    this one.
    """

    label: "str | Promise"
    url_name: str
    icon: str
    allowed: "Callable[[User], bool]" = everybody
    count: "Callable[[User], int] | None" = None
    order: int = 100
    fragment: str = ""
    covers: frozenset[str] = frozenset()

    @property
    def url(self) -> str:
        address = reverse(self.url_name)
        return f"{address}#{self.fragment}" if self.fragment else address


@dataclass(frozen=True)
class Link:
    """An entry as one reader sees it on one page."""

    entry: Entry
    count: int | None = field(default=None)
    is_current: bool = field(default=False)

    @property
    def label(self) -> "str | Promise":
        return self.entry.label

    @property
    def icon(self) -> str:
        return self.entry.icon

    @property
    def url(self) -> str:
        return self.entry.url


_entries: dict[Surface, list[Entry]] = defaultdict(list)


def register(surface: Surface, entry: Entry) -> None:
    """Add an entry; a second one for the same address replaces the first."""
    known = _entries[surface]
    known[:] = [
        other for other in known if (other.url_name, other.fragment) != (entry.url_name, entry.fragment)
    ]
    known.append(entry)
    known.sort(key=lambda one: one.order)


def entries_for(surface: Surface, user: "User | AnonymousUser") -> list[Entry]:
    """The entries that this reader may see, in the order of the menu; strangers see only the public ones."""
    if surface != "public" and not user.is_authenticated:
        return []
    return [entry for entry in _entries[surface] if entry.allowed(user)]  # type: ignore[arg-type]  # see Entry.allowed


class Place(NamedTuple):
    """Where a page stands for the menu: its address, and the view that draws it."""

    path: str
    view_name: str = ""


def belongs_to(request: "HttpRequest", address: str) -> None:
    """Say which entry of the menu a page belongs to that lies elsewhere; empty for none."""
    request.menu_place = Place(address)  # type: ignore[attr-defined]


def place_of(request: "HttpRequest") -> Place:
    match = request.resolver_match
    return getattr(request, "menu_place", None) or Place(request.path, match.view_name if match else "")


def links_for(surface: Surface, user: "User | AnonymousUser", place: Place) -> list[Link]:
    """The menu of a page: current is the entry that covers its view, else the one with the longest matching address."""
    path, view_name = place
    entries = entries_for(surface, user)
    matching = [entry for entry in entries if not entry.fragment and path.startswith(entry.url)]
    covering = [entry for entry in entries if view_name in entry.covers]
    current = max(covering or matching, key=lambda entry: len(entry.url), default=None)
    if current is not None and current.url == "/" and path != "/":
        current = None
    return [
        Link(
            entry=entry,
            count=entry.count(user) if entry.count else None,  # type: ignore[arg-type]  # counted for signed-in people
            is_current=entry is current,
        )
        for entry in entries
    ]
