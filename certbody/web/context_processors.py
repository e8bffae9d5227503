"""What every page needs around its content, asked for only when a template reads it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from certbody.accounts.models import Organisation, User
from certbody.body.settings_catalogue import LETTERHEAD, settings_of
from certbody.web import navigation
from certbody.web.lists.saved import Pin, pins_of

THEMES = frozenset({"auto", "light", "dark"})


@dataclass(frozen=True)
class Language:
    """A language of the switch: `code` is what the form posts, `tag` the language tag of the page."""

    code: str
    short: str
    name: str
    tag: str
    is_current: bool


# The traditional translation follows Hong Kong usage, so the tag says so to browsers and screen readers.
LANGUAGES = (
    ("zh-hans", "简", "简体中文", "zh-Hans"),
    ("zh-hant", "繁", "繁體中文（香港用語）", "zh-Hant-HK"),
    ("en", "EN", "English", "en"),
)


def language_tag() -> str:
    """The language tag of the page; English for a language that the site does not speak."""
    code = get_language()
    return next((tag for known, _short, _name, tag in LANGUAGES if known == code), "en")


def languages() -> list[Language]:
    current = get_language()
    return [Language(code, short, name, tag, code == current) for code, short, name, tag in LANGUAGES]


PUBLISHED = (
    *LETTERHEAD,
    "approval_number",
    "national_query_address",
    "rule_name",
    "rule_name_en",
    "rule_number",
    "rule_version",
    "fee_application",
    "fee_registration",
    "fee_annual",
    "fee_per_person_day",
    "system_running_months_min",
)


class Office:
    """What the body publishes about itself, in one query a page; names follow the language of the page."""

    @cached_property
    def facts(self) -> dict[str, Any]:
        return settings_of(PUBLISHED)

    def _by_language(self, key: str) -> str:
        english = get_language() == "en" and self.facts[f"{key}_en"]
        return str(english or self.facts[key])

    @property
    def name(self) -> str:
        return self._by_language("body_name")

    @property
    def address(self) -> str:
        return self._by_language("body_address")

    @property
    def rule(self) -> str:
        return self._by_language("rule_name")


class Menus:
    """The menus of the reader, each worked out at most once a page and only on the surface that shows it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def _links(self, surface: navigation.Surface) -> list[navigation.Link]:
        place = navigation.place_of(self._request)
        return navigation.links_for(surface, self._request.user, place)

    @cached_property
    def desk(self) -> list[navigation.Link]:
        return self._links("desk")

    @cached_property
    def portal(self) -> list[navigation.Link]:
        return self._links("portal")

    @cached_property
    def pins(self) -> list[Pin]:
        """The saved filters that the reader has put into the menu of the desk."""
        return pins_of(self._request)

    @cached_property
    def acts_for(self) -> list[Organisation]:
        """The organisations of a client, where there are several and a page has to say which one it is about."""
        user = self._request.user
        if not isinstance(user, User) or user.is_staff_member:
            return []
        found = list(user.organisations.order_by("pk"))
        return found if len(found) > 1 else []

    @cached_property
    def public(self) -> list[navigation.Link]:
        return self._links("public")


def surface(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "auto")
    return {
        "theme": theme if theme in THEMES else "auto",
        "demo": settings.CERTBODY_DEMO,
        "languages": languages,
        "navigation": Menus(request),
        "office": Office(),
    }
