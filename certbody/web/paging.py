import django_tables2
from django.core.paginator import EmptyPage, PageNotAnInteger
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
