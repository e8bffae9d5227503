"""One reader's view of a list: what the address asks for, as far as the list offers it."""

from functools import cached_property
from typing import Any

import django_tables2
from django.http import QueryDict
from django_tables2.data import TableData

from certbody.accounts.models import User
from certbody.web.lists.definition import PAGE, SORT, Rows, StaffList
from certbody.web.lists.keyset import Order, Page, page_of

PER_PAGE = 25


class Drawn(TableData):
    """Rows in the order that the list gave them; a table draws them and never sorts them."""

    def __len__(self) -> int:
        return self.data.count() if hasattr(self.data, "query") else len(self.data)

    def order_by(self, _aliases: Any) -> None:
        """Leave the order as it is."""


class Reading:
    """A list as one reader sees it. Unknown parameters and values that a field refuses change nothing."""

    def __init__(self, definition: StaffList, user: User, params: QueryDict) -> None:
        self.definition = definition
        self.user = user
        self.cursor = params.get(PAGE, "")
        self.order = Order(definition.key, *definition.sort_of(params.get(SORT, "")))
        self.form = definition.form(params)
        self.form.is_valid()

    @cached_property
    def rows(self) -> Rows:
        """The filtered rows of this reader, in no order yet."""
        return self.definition.narrowed(self.user, self.form)

    @property
    def ordered(self) -> Rows:
        return self.order.applied_to(self.rows)

    @cached_property
    def page(self) -> Page:
        return page_of(self.rows, self.order, self.cursor, PER_PAGE)

    @cached_property
    def query(self) -> str:
        """Filters, search and order as an address says them, in one way only; empty for the list as it comes."""
        found = QueryDict(mutable=True)
        for name in sorted(self.form.fields):
            sent = self.form.data.get(name, "")
            if sent and name not in self.form.errors:
                found[name] = sent.strip()
        if self.order.name != self.definition.default_sort:
            found[SORT] = self.order.name
        return found.urlencode()

    @property
    def has_filters(self) -> bool:
        return any(self.form.data.get(name) for name in self.form.fields)

    def table(self, rows: Any, **options: Any) -> django_tables2.Table:
        """A table that draws these rows and offers the sort keys of the list in its head."""
        table = self.definition.table(Drawn(rows), order_by=self.order.name, **options)
        sortable = {sort.name for sort in self.definition.sorts}
        for name in table.columns.names():
            table.columns[name].column.orderable = name in sortable
        table.order_by = self.order.name
        return table

    def hidden_sort(self) -> str:
        """What a form of the filters has to carry along so that the order stays."""
        return "" if self.order.name == self.definition.default_sort else self.order.name
