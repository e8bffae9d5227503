"""Reading one table of a scheme file member by member: faults are collected, reading goes on."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from certbody.scheme.faults import Fault, gettext_noop, path_of, quoted
from certbody.scheme.model import Words

Choice = TypeVar("Choice", bound=StrEnum)
Exact = TypeVar("Exact", Decimal, Fraction)

UNREAD = Fraction(0)
_LARGEST = 1_000_000_000
_FRACTION = re.compile(r"[0-9]{1,9}(?:/[1-9][0-9]{0,8}|\.[0-9]{1,9})?")


class TableReader:
    """The members of one table. `close()` names the members that nobody asked for."""

    def __init__(self, members: Mapping[str, Any], path: tuple[str | int, ...], faults: list[Fault]) -> None:
        self._members = members
        self.path = path
        self._asked: set[str] = set()
        self.faults = faults

    def fault(self, template: str, key: str | None = None, **params: str) -> None:
        path = self.path if key is None else (*self.path, key)
        self.faults.append(Fault(path_of(*path), template, params))

    def has(self, key: str) -> bool:
        return key in self._members

    def take(self, key: str) -> Any:
        """The raw member, or None with a fault when it is missing."""
        self._asked.add(key)
        if key not in self._members:
            self.fault(gettext_noop("is missing"), key)
            return None
        return self._members[key]

    def text(self, key: str) -> str:
        value = self.take(key)
        if isinstance(value, str) and value.strip():
            return value
        if value is not None:
            self.fault(gettext_noop("must be a text that is not empty"), key)
        return ""

    def optional_text(self, key: str) -> str:
        self._asked.add(key)
        return self.text(key) if self.has(key) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.take(key)
        if (
            isinstance(value, list)
            and value
            and all(isinstance(item, str) and item.strip() for item in value)
        ):
            return tuple(value)
        if value is not None:
            self.fault(gettext_noop("must be a list of texts"), key)
        return ()

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        self._asked.add(key)
        if default is not None and not self.has(key):
            return default
        value = self.take(key)
        if isinstance(value, bool):
            return value
        if value is not None:
            self.fault(gettext_noop("must be true or false"), key)
        return False

    def always(self, key: str, value: str | bool) -> None:
        """A member that says how the engine works and can say nothing else."""
        given = self.take(key)
        if given is not None and (given != value or type(given) is not type(value)):
            self.fault(gettext_noop("can only be %(value)s"), key, value=str(value).lower())

    def whole(self, key: str, *, least: int = 0, most: int = _LARGEST) -> int:
        value = self.take(key)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        if value is not None:
            wanted = gettext_noop("must be a whole number from %(least)s to %(most)s")
            self.fault(wanted, key, least=str(least), most=str(most))
        return least

    def number(self, key: str) -> Decimal:
        """An amount of zero or more: a whole or decimal number, or the same as a text."""
        return self._exact(key, decimal_of, Decimal(0), gettext_noop("must be a number, zero or more"))

    def points(self, key: str) -> Fraction:
        """Points above zero: a whole or decimal number, or a text such as `5/2`."""
        return self._exact(
            key, points_of, UNREAD, gettext_noop("must be points above zero, such as 3, 2.5 or 5/2")
        )

    def choice(self, key: str, choices: type[Choice]) -> Choice:
        value = self.take(key)
        known = list(choices)
        if isinstance(value, str) and value in known:
            return choices(value)
        if value is not None:
            self.fault(
                gettext_noop("is %(value)s, not one of: %(known)s"),
                key,
                value=quoted(value),
                known=", ".join(known),
            )
        return known[0]

    def day(self, key: str) -> date:
        value = self.take(key)
        if type(value) is date:
            return value
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        if value is not None:
            self.fault(gettext_noop("must be a day such as 2011-12-30"), key)
        return date.min

    def words(self, prefix: str = "") -> Words:
        """The members `zh`, `en` and, if given, `zh_hant`, each after the prefix."""
        return Words(
            zh=self.text(f"{prefix}zh"),
            en=self.text(f"{prefix}en"),
            zh_hant=self.optional_text(f"{prefix}zh_hant"),
        )

    def table(self, key: str) -> "TableReader":
        value = self.take(key)
        if value is not None and not isinstance(value, dict):
            self.fault(gettext_noop("must be a table"), key)
        members = value if isinstance(value, dict) else {}
        return TableReader(members, (*self.path, key), self.faults if isinstance(value, dict) else [])

    def tables(self, key: str, named_by: str) -> Iterator["TableReader"]:
        """The tables of a list; faults name a table by its member `named_by`, or by its place without one."""
        value = self.take(key)
        if value is None:
            return
        if not isinstance(value, list) or not value:
            self.fault(gettext_noop("must be a list of tables"), key)
            return
        for index, members in enumerate(value):
            if isinstance(members, dict):
                name = members.get(named_by)
                yield TableReader(
                    members, (*self.path, key, name if isinstance(name, str) else index), self.faults
                )
            else:
                self.faults.append(Fault(path_of(*self.path, key, index), gettext_noop("must be a table")))

    def close(self) -> None:
        for key in self._members:
            if key not in self._asked:
                self.fault(gettext_noop("is an unknown key"), key)

    def _exact(self, key: str, convert: Callable[[Any], Exact | None], unread: Exact, wanted: str) -> Exact:
        value = self.take(key)
        number = None if value is None else convert(value)
        if value is not None and number is None:
            self.fault(wanted, key)
        return unread if number is None else number


def decimal_of(value: Any) -> Decimal | None:
    """The number as a Decimal of at most nine places each side, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    if isinstance(value, str):
        return Decimal(value) if _FRACTION.fullmatch(value) and "/" not in value else None
    number = Decimal(value)
    if not number.is_finite() or number < 0 or number.adjusted() > 8 or int(number.as_tuple().exponent) < -9:
        return None
    return number


def points_of(value: Any) -> Fraction | None:
    """Points above zero as an exact fraction, or None for anything else."""
    if isinstance(value, Fraction):
        return value if value > 0 else None
    if isinstance(value, str) and "/" in value:
        return Fraction(value) or None if _FRACTION.fullmatch(value) else None
    number = decimal_of(value)
    return Fraction(number) if number else None
