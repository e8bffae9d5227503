"""Every setting of the body with its default and its source; `BodySetting` holds the history.

A change holds from its first day on and never changes an old result: what a case, contract or certificate
took from here is stored with it. The defaults of periods and fees are those of the scheme of the product.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from certbody import clock
from certbody.body.models import BodySetting
from certbody.body.settings_catalogue.kinds import Entry, Group, Kind
from certbody.body.settings_catalogue.money import MONEY
from certbody.body.settings_catalogue.office import BODY, LETTERHEAD, RULE
from certbody.body.settings_catalogue.portal import PORTAL
from certbody.body.settings_catalogue.process import AUDIT, CERTIFICATE, COMMITTEE, CYCLE
from certbody.body.settings_catalogue.request import APPLICATION, FEES
from certbody.scheme.load import shipped

__all__ = [
    "ENTRIES",
    "LETTERHEAD",
    "Entry",
    "Group",
    "Kind",
    "default_of",
    "entries_of",
    "entry",
    "setting",
    "settings_of",
]

SCHEME_OF_THE_DEFAULTS = "gbt27922-2011"

ENTRIES: tuple[Entry, ...] = (
    BODY + RULE + APPLICATION + PORTAL + FEES + MONEY + AUDIT + COMMITTEE + CERTIFICATE + CYCLE
)
_BY_KEY = {entry.key: entry for entry in ENTRIES}


def entry(key: str) -> Entry:
    """The entry of a key; KeyError for a key that the catalogue does not hold."""
    return _BY_KEY[key]


def entries_of(group: Group) -> tuple[Entry, ...]:
    return tuple(known for known in ENTRIES if known.group is group)


def default_of(known: Entry) -> Any:
    return known.default_value(lambda: shipped(SCHEME_OF_THE_DEFAULTS))


def setting(key: str, on: date | None = None) -> Any:
    """The value of a setting on a day, today by default: the newest row that has begun, else the default."""
    return settings_of([key], on)[key]


def settings_of(keys: Iterable[str], on: date | None = None) -> dict[str, Any]:
    """The values of several settings on a day in one query."""
    wanted = {key: entry(key) for key in keys}
    begun = BodySetting.objects.filter(key__in=wanted, valid_from__lte=on or clock.today())
    newest = dict(begun.order_by("valid_from", "id").values_list("key", "value"))
    return {
        key: known.to_python(newest[key]) if key in newest else default_of(known)
        for key, known in wanted.items()
    }
