"""A list of the desk, page 10,000: by where the last page ended, against pages counted from the beginning.

The naive arm is Django's paginator over the same rows in the same order: it counts all rows, then skips those before
the page. Both arms fetch the same rows with the same joins and draw nothing; their keys are compared before anything is
measured. The first page is measured at 1,000 rows and at all of them, as the list draws it for a reviewer.

CERTBODY_BENCH_ROWS=1000000 makes the long run, for which the goal of 50 times is set. Without it there are 100,000 rows
and the page is 3,600: what the naive arm has to skip is a tenth, and so is the goal.
"""

import os
from collections.abc import Callable
from typing import Any

from benchmarks import harness, peer_pages

ROWS = int(os.environ.get("CERTBODY_BENCH_ROWS", "100000"))
FEW = 1_000
PAGE = 10_000  # of 25 rows; in a shorter list the page nine tenths down
LESS, FLAT = 50, 1.3  # LESS at a million rows; what is skipped grows with their number


def rows_for(reader: Any) -> Any:
    from applications.lists import APPLICATIONS

    return APPLICATIONS.rows(reader)


def counted(reader: Any, number: int) -> list[int]:
    """The keys of a page as Django's paginator gives them."""
    from django.core.paginator import Paginator

    from certbody.web.lists.reading import PER_PAGE

    pages = Paginator(rows_for(reader).order_by("-case__reference"), PER_PAGE)
    return [row.pk for row in pages.page(number)]


def followed(reader: Any, cursor: str) -> list[int]:
    """The keys of a page as the list gives them to whoever follows the link to it."""
    from django.http import QueryDict

    from applications.lists import APPLICATIONS
    from certbody.web.lists.reading import Reading

    params = QueryDict(mutable=True)
    params["page"] = cursor
    return [row.pk for row in Reading(APPLICATIONS, reader, params).page.rows]


def cursor_before(reader: Any, number: int) -> str:
    """The cursor that leads to a page: that of the last row of the page before."""
    from django.http import QueryDict

    from applications.lists import APPLICATIONS
    from certbody.web.lists import keyset
    from certbody.web.lists.reading import PER_PAGE, Reading

    last = rows_for(reader).order_by("-case__reference")[PER_PAGE * (number - 1) - 1]
    return keyset.written(Reading(APPLICATIONS, reader, QueryDict()).order, last, keyset.FORWARD)


def first_page(client: Any) -> Callable[[], None]:
    def visit() -> None:
        assert client.get("/desk/applications/").status_code == 200

    return visit


def main() -> None:
    is_tiny = harness.options(__doc__).tiny
    few, many = (60, 200) if is_tiny else (FEW, ROWS)
    rounds, times = (1, 1) if is_tiny else (7, 4)
    number = min(PAGE, many * 9 // 10 // 25)
    client, reader = ready()
    peer_pages.add_cases(1, few + 1)
    arms = harness.measure({f"first page at {few}": first_page(client)}, rounds=rounds, times=times)
    peer_pages.add_cases(few + 1, many + 1)
    analyse()
    client.force_login(reader)  # while a million rows were made the session may have run out
    arms |= harness.measure({f"first page at {many}": first_page(client)}, rounds=rounds, times=times)
    cursor = cursor_before(reader, number)
    if counted(reader, number) != followed(reader, cursor):
        raise SystemExit("the two arms show different rows")
    arms |= harness.measure(
        {
            f"page {number} counted": lambda: counted(reader, number),
            f"page {number} followed": lambda: followed(reader, cursor),
        },
        rounds=rounds,
        times=times,
    )
    less = arms[f"page {number} counted"]["min_ms"] / arms[f"page {number} followed"]["min_ms"]
    flat = arms[f"first page at {many}"]["min_ms"] / arms[f"first page at {few}"]["min_ms"]
    goals = [
        harness.Goal(
            name=f"lists: page {number} of {many} rows, counted against followed",
            figure=less,
            limit=LESS * many / 1_000_000,
            unit="×",
            at_least=True,
        ),
        harness.Goal(name=f"lists: first page, {many} against {few} rows", figure=flat, limit=FLAT, unit="×"),
    ]
    facts = {"rows": many, "page": number}
    harness.print_line(harness.Line(benchmark="lists", goals=goals, rounds=rounds, arms=arms, facts=facts))


def ready() -> tuple[Any, Any]:
    """An empty body with a reviewer who is signed in."""
    harness.start_django(CERTBODY_DEMO="1")
    from django.core.management import call_command
    from django.test import Client

    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", interactive=False, verbosity=0)
    reader = peer_pages.reviewer()
    client = Client(HTTP_HOST="localhost")
    client.force_login(reader)
    return client, reader


def analyse() -> None:
    """Let the database look at its tables, as its own upkeep does."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
