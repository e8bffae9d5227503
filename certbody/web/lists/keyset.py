"""Pages of a list by where the last one ended, not by counting rows: page 10,000 costs what the first one does.

The rows are walked in the order of one sort key and, where values are equal, of the primary key; rows without a value
follow after all others. An address names a place as a signed cursor, so what it holds was written here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db.models import F, Q

from certbody.web.lists.definition import Rows, Sort

LONGEST_CURSOR = 2_000  # characters; the longest sorted text is a name
FORWARD, BACKWARD = "f", "b"


@dataclass(frozen=True)
class Order:
    """A sort key with its direction, in the list with this name."""

    list_key: str
    sort: Sort
    descends: bool

    @property
    def name(self) -> str:
        return f"-{self.sort.name}" if self.descends else self.sort.name

    def applied_to(self, rows: Rows) -> Rows:
        """All rows in the order in which the pages show them."""
        value = F(self.sort.field)
        last = True if self.sort.is_nullable else None
        ordered = value.desc(nulls_last=last) if self.descends else value.asc(nulls_last=last)
        return rows.order_by(ordered, *self._key(self.descends))

    def _key(self, descends: bool) -> list[str]:
        return [] if self.sort.is_unique else ["-pk" if descends else "pk"]

    def value_of(self, row: Any) -> Any:
        for name in self.sort.field.split("__"):
            row = getattr(row, name)
        return row

    def parts(self, rows: Rows) -> list[tuple[bool, Rows]]:
        """The rows that have a value, then those that lack one; each part is walked by itself, along an index."""
        if not self.sort.is_nullable:
            return [(True, rows)]
        lacks = {f"{self.sort.field}__isnull": True}
        return [(True, rows.exclude(**lacks)), (False, rows.filter(**lacks))]

    def walked(self, rows: Rows, has_value: bool, backward: bool) -> Rows:
        down = self.descends != backward
        value = [f"-{self.sort.field}" if down else self.sort.field] if has_value else []
        return rows.order_by(*value, *self._key(down))

    def beyond(self, place: "Place") -> Q:
        """Rows beyond a place, within the part that the place is in."""
        lookup = "lt" if self.descends != place.is_backward else "gt"
        further = Q(**{f"{self.sort.field}__{lookup}": place.value})
        if self.sort.is_unique:
            return further
        key = Q(**{f"pk__{lookup}": place.key})
        if place.value is None:
            return key
        # the first term lets an index of the field begin at the place; the second alone would read all before it
        return Q(**{f"{self.sort.field}__{lookup}e": place.value}) & (further | key)


@dataclass(frozen=True)
class Place:
    """The row at which a page begins or ends, and the way on from it."""

    value: Any
    key: int
    is_backward: bool


@dataclass(frozen=True)
class Page:
    """The rows of one page, with the cursors of its neighbours; an empty cursor says that there is none."""

    rows: list[Any]
    previous: str = ""
    next: str = ""


def page_of(rows: Rows, order: Order, cursor: str, size: int) -> Page:
    """The page at a cursor; the first page for a cursor that is none, and for one beyond which no row is left."""
    place = read(cursor, order)
    found = list(_walk(rows, order, place, size + 1))
    is_backward = place is not None and place.is_backward
    has_more = len(found) > size
    if place is not None and (not found or (is_backward and not has_more)):
        return page_of(rows, order, "", size)
    found = found[:size]
    if is_backward:
        found.reverse()
    has_next, has_previous = (True, has_more) if is_backward else (has_more, place is not None)
    return Page(
        found,
        previous=written(order, found[0], BACKWARD) if found and has_previous else "",
        next=written(order, found[-1], FORWARD) if found and has_next else "",
    )


def _walk(rows: Rows, order: Order, place: Place | None, count: int) -> Iterator[Any]:
    """Up to `count` rows from a place on, from one part into the next."""
    is_backward = place is not None and place.is_backward
    parts = order.parts(rows)
    if is_backward:
        parts.reverse()
    for has_value, part in parts:
        if place is not None and has_value != (place.value is not None):
            continue
        if place is not None:
            part, place = part.filter(order.beyond(place)), None  # noqa: PLW2901 -- the part from the place on
        for row in order.walked(part, has_value, is_backward)[:count]:
            count -= 1
            yield row
        if not count:
            return


def written(order: Order, row: Any, way: str) -> str:
    """The cursor of a row, for the pages after it (`f`) or before it (`b`)."""
    return _signer(order).sign_object([way, *_as_text(order.value_of(row)), row.pk])


def read(cursor: str, order: Order) -> Place | None:
    """The place that a cursor names; None for one that was not written here for this list in this order."""
    if not cursor or len(cursor) > LONGEST_CURSOR:
        return None
    try:
        way, kind, text, key = _signer(order).unsign_object(cursor)
    except signing.BadSignature:
        return None
    return Place(_READERS[kind](text), key, way == BACKWARD)


def _signer(order: Order) -> signing.Signer:
    return signing.Signer(salt=f"certbody.web.lists:{order.list_key}:{order.name}")


_READERS: dict[str, Any] = {
    "nothing": lambda _text: None,
    "str": str,
    "int": int,
    "Decimal": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}


def _as_text(value: Any) -> tuple[str, str]:
    """The kind of a value and the value as text. A kind that no reader knows is a fault of the list."""
    if value is None:
        return "nothing", ""
    kind = next(known for known in (datetime, date, Decimal, int, str) if isinstance(value, known))
    return kind.__name__, value.isoformat() if isinstance(value, date) else str(value)
