"""What a setting of the body may hold, and how it travels between Python, JSON and a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certbody.scheme.model import PersonDayRow, Scheme

Sentence: TypeAlias = str | Promise
PersonDayRows: TypeAlias = tuple[PersonDayRow, ...]


class Kind(StrEnum):
    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    CHOICES = "choices"
    PERSON_DAYS = "person_days"


class Group(StrEnum):
    """Under which heading a setting stands; the order is the order of the page."""

    BODY = "body"
    RULE = "rule"
    APPLICATION = "application"
    FEES = "fees"
    MONEY = "money"
    AUDIT = "audit"
    COMMITTEE = "committee"
    CERTIFICATE = "certificate"
    CYCLE = "cycle"

    @property
    def label(self) -> Sentence:
        return _GROUP_LABELS[self]


_GROUP_LABELS: dict[Group, Sentence] = {
    Group.BODY: _("The body"),
    Group.RULE: _("The filed rule"),
    Group.APPLICATION: _("Application and review"),
    Group.FEES: _("Fees and person-days"),
    Group.MONEY: _("Invoices and payments"),
    Group.AUDIT: _("Audit"),
    Group.COMMITTEE: _("Committee and decision"),
    Group.CERTIFICATE: _("Certificate"),
    Group.CYCLE: _("Surveillance and recertification"),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One setting. `default` is a value, or a function that reads it from the scheme of the product.

    `least` and `most` bound numbers, both inclusive, and `most` the length of a text; `choices` are the words
    that a choice may hold, with their labels; `checks` raise `ValidationError` for a value that is no use.
    `is_to_be_set` marks a default that is only an example.
    """

    key: str
    label: Any  # a text or a lazily translated one
    group: Group
    kind: Kind
    default: Any
    source: Sentence
    least: int = 0
    most: int = 100_000
    choices: Mapping[str, Sentence] = field(default_factory=dict)
    checks: tuple[Callable[[Any], None], ...] = ()
    is_to_be_set: bool = False

    def default_value(self, scheme: Callable[[], Scheme]) -> Any:
        return self.default(scheme()) if callable(self.default) else self.default

    def to_python(self, stored: Any) -> Any:
        """The value of a stored JSON document; numbers become `Decimal`, lists become tuples."""
        match self.kind:
            case Kind.NUMBER:
                return Decimal(stored)
            case Kind.CHOICES:
                return tuple(stored)
            case Kind.PERSON_DAYS:
                return tuple(_row(cells) for cells in stored)
        return stored

    def to_json(self, value: Any) -> Any:
        """The JSON document of a value; exact numbers travel as texts."""
        match self.kind:
            case Kind.NUMBER:
                return str(value)
            case Kind.CHOICES:
                return list(value)
            case Kind.PERSON_DAYS:
                return [[str(cell) for cell in cells_of(row)] for row in value]
        return value


def cells_of(row: PersonDayRow) -> tuple[int | Decimal, ...]:
    """The cells of a row in the order of `PERSON_DAY_COLUMNS`."""
    return tuple(getattr(row, name) for name in PERSON_DAY_COLUMNS)


def _row(cells: list[str]) -> PersonDayRow:
    first, last, *days = cells
    return PersonDayRow(int(first), int(last), *(Decimal(cell) for cell in days))


PERSON_DAY_COLUMNS = (
    "first",
    "last",
    "initial_total",
    "initial_planning",
    "initial_site",
    "surveillance_total",
    "surveillance_site",
    "recertification_total",
    "recertification_site",
)
