"""Short lists that count their pages; those that grow with the body's work are `certbody.web.lists`."""

from collections.abc import Sequence
from typing import Any

import django_tables2
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.core.paginator import Page as DjangoPage
from django.db.models import QuerySet
from django.http import HttpRequest

PER_PAGE = 25


def paged(
    request: HttpRequest, table: django_tables2.Table, per_page: int = PER_PAGE
) -> django_tables2.Table:
    """One page of a table. The request chooses page and order; how long a page is, is ours to say."""
    django_tables2.RequestConfig(request, paginate=False).configure(table)
    try:
        table.paginate(page=request.GET.get("page", 1), per_page=per_page)
    except (EmptyPage, PageNotAnInteger):
        table.paginate(page=1, per_page=per_page)
    return table


def page_of(
    request: HttpRequest,
    rows: QuerySet[Any] | Sequence[Any],
    per_page: int = PER_PAGE,
    *,
    asked_by: str = "page",
) -> DjangoPage[Any]:
    """One page of rows that a template draws itself; the page asked for, the nearest one if there is none such.

    `asked_by` is another name in the address where a page holds two such lists.
    """
    return Paginator(rows, per_page).get_page(request.GET.get(asked_by, 1))
