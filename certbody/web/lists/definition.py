"""What a list of the desk offers: its rows for a reader, its columns, filters, sort keys and actions.

    CONTRACTS = StaffList(
        key="contracts",
        title=_("Contracts"),
        url_name="applications:desk_contracts",
        rows=queries.contracts_visible_to,
        table=ContractTable,
        filters=(Filter("state", ChoiceOf(_("State"), ContractState.choices), equal("state")),),
        search=("number__icontains", "case__organisation__name__contains"),
        sorts=(Sort("number", "number"), Sort("valid_until", "valid_until", is_nullable=True)),
        default_sort="-number",
        actions=(by_step(REMIND_OF_OFFER, roles=(Role.CONTRACTS,)),),
    )

The app's handovers `register` it, and its view is `return show_list(request, CONTRACTS)`. What the address asks for
beyond that changes nothing: a filter, a sort key or a page that the list does not know is none.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_tables2
from django import forms
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.web.lists.actions import BulkAction

Sentence = str | Promise
Rows = QuerySet[Any]
Choices = Iterable[tuple[Any, Any]]

SEARCH, SORT, PAGE = "q", "sort", "page"
NUMBER_OR_NAME = _("Number or name")
LONGEST_SEARCH = 80  # characters; a longer text is in no name, number or code that a list searches


@dataclass(frozen=True)
class Sort:
    """A column by which a list can be sorted: the name of the column and the field behind it.

    Rows with equal values follow by their key; `is_unique` says that there are none, so that an index of the field
    alone gives the order. `is_nullable` says that rows may lack the value; they come last in either direction, on both
    databases.
    """

    name: str
    field: str
    is_nullable: bool = False
    is_unique: bool = False


@dataclass(frozen=True)
class Filter:
    """A way to narrow a list: the name in the address, the field that reads it, and what it does to a reader's rows."""

    name: str
    field: Callable[[], forms.Field]
    narrow: Callable[[Rows, Any, User], Rows]


def equal(path: str) -> Callable[[Rows, Any, User], Rows]:
    """Rows whose field is what was chosen."""
    return lambda rows, value, _reader: rows.filter(**{path: value})


class ChoiceOf:
    """Makes the field of a filter that offers one of several values, or all; `choices` may be a function."""

    def __init__(self, label: Sentence, choices: Choices | Callable[[], Choices]) -> None:
        self.label = label
        self.choices = choices

    def __call__(self) -> forms.Field:
        given = self.choices
        return forms.ChoiceField(
            label=self.label,
            choices=lambda: [("", _("all")), *(given() if callable(given) else given)],
            required=False,
        )


class DaysAhead:
    """Makes the field of a filter that asks for a number of days from today."""

    def __init__(self, label: Sentence, most: int) -> None:
        self.label = label
        self.most = most

    def __call__(self) -> forms.Field:
        return forms.IntegerField(label=self.label, min_value=0, max_value=self.most, required=False)


def _everybody(_user: User) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class StaffList:
    """A list of the desk. `rows` gives what a reader may know of, with all that the columns show already fetched.

    `default_sort` is a sort key, with a minus for descending; its values are never empty, so that the first page costs
    the same however long the list is. `search` names lookups that are tried with the text of the search field.
    `totals` adds up all rows that the filters leave, for a line above the table; it reads every one of them.
    """

    key: str
    title: Sentence
    url_name: str
    rows: Callable[[User], Rows]
    table: type[django_tables2.Table]
    sorts: tuple[Sort, ...]
    default_sort: str
    filters: tuple[Filter, ...] = ()
    search: tuple[str, ...] = ()
    search_label: Sentence = NUMBER_OR_NAME
    may_read: Callable[[User], bool] = _everybody
    actions: tuple[BulkAction, ...] = ()
    totals: Callable[[Rows], Any] | None = None
    template: str = "web/lists/list.html"

    def sort_of(self, wish: str) -> tuple[Sort, bool]:
        """The sort key that an address asks for and whether it descends; the list's own for one that it has not."""
        known = {sort.name: sort for sort in self.sorts}
        chosen = wish if wish.removeprefix("-") in known and not wish.startswith("--") else self.default_sort
        return known[chosen.removeprefix("-")], chosen.startswith("-")

    @cached_property
    def form(self) -> type[forms.Form]:
        """The form of search and filters."""
        fields: dict[str, forms.Field] = {}
        if self.search:
            fields[SEARCH] = forms.CharField(
                label=self.search_label,
                max_length=LONGEST_SEARCH,
                required=False,
                widget=forms.TextInput(attrs={"type": "search"}),
            )
        fields |= {filter_.name: filter_.field() for filter_ in self.filters}
        for made in fields.values():
            is_choice = isinstance(made.widget, forms.Select)
            made.widget.attrs["class"] = "form-select" if is_choice else "form-control"
        return type("ListForm", (forms.Form,), fields)

    def narrowed(self, reader: User, form: forms.Form) -> Rows:
        """The reader's rows that the valid values of the form leave; a search that is none finds nothing."""
        rows = self.rows(reader)
        if SEARCH in form.errors:
            return rows.none()
        values = form.cleaned_data
        for filter_ in self.filters:
            if values.get(filter_.name) not in (None, ""):
                rows = filter_.narrow(rows, values[filter_.name], reader)
        if text := values.get(SEARCH):
            found = Q()
            for lookup in self.search:
                found |= Q(**{lookup: text})
            rows = rows.filter(found)
        return rows


_lists: dict[str, StaffList] = {}


def register(*definitions: StaffList) -> None:
    """Make lists known, so that filters of them can be saved and their actions found."""
    _lists.update((definition.key, definition) for definition in definitions)


def list_of(key: str) -> StaffList | None:
    return _lists.get(key)
