"""Lists of the desk page by page: each row once, in the order that was asked for, at the cost of the first page."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from django.core import signing
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications.lists import APPLICATIONS, CONTRACTS, DOCUMENTS, INVOICES, ORGANISATIONS
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import CaseAccess
from certbody.web.lists import keyset
from certbody.web.lists.definition import StaffList
from certbody.web.lists.reading import PER_PAGE, Reading
from tests.road.many import analyse, many_applications, many_invoices
from tests.road.people import make_user

pytestmark = pytest.mark.django_db

# address of a list → what its first page asks of the database, however long the list is
QUERIES = {
    "/desk/applications/": 12,
    "/desk/contracts/": 12,
    "/desk/organisations/": 12,
    "/desk/documents/": 12,
    "/desk/invoices/": 14,
}
ORDERS = [
    (definition, f"{sign}{sort.name}")
    for definition in (APPLICATIONS, CONTRACTS, ORGANISATIONS, DOCUMENTS, INVOICES)
    for sort in definition.sorts
    for sign in ("", "-")
]


@pytest.fixture
def reader() -> User:
    return make_user(Role.REVIEWER)


def reader_of(key: str) -> User:
    """Somebody who reads all rows of a list; reviewers read nothing of money."""
    return make_user(Role.FINANCE if key == INVOICES.key else Role.REVIEWER)


def reading(definition: StaffList, reader: User, **params: str) -> Reading:
    query = QueryDict(mutable=True)
    query.update(params)
    return Reading(definition, reader, query)


def forward(definition: StaffList, reader: User, sort: str) -> list[list[Any]]:
    """The keys of every page, by following the link to the next one."""
    pages, cursor = [], ""
    while True:
        page = reading(definition, reader, sort=sort, page=cursor).page
        pages.append([row.pk for row in page.rows])
        if not page.next:
            return pages
        cursor = page.next


@pytest.mark.parametrize(("definition", "sort"), ORDERS)
def test_the_pages_of_a_list_hold_every_row_once_in_its_order(definition: StaffList, sort: str) -> None:
    reader = reader_of(definition.key)
    many_invoices(2 * PER_PAGE + 7)
    pages = forward(definition, reader, sort)
    assert [len(page) for page in pages] == [PER_PAGE, PER_PAGE, 7]
    order = reading(definition, reader, sort=sort)
    assert [key for page in pages for key in page] == [row.pk for row in order.ordered]
    values = [order.order.value_of(row) for row in order.ordered]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=sort.startswith("-"))
    assert values[len(known) :] == [None] * (len(values) - len(known)), "rows without a value come last"


@pytest.mark.parametrize(("definition", "sort"), ORDERS)
def test_the_way_back_shows_the_pages_that_were_left(definition: StaffList, sort: str) -> None:
    reader = reader_of(definition.key)
    many_invoices(3 * PER_PAGE + 1)
    pages = forward(definition, reader, sort)
    last = reading(definition, reader, sort=sort)
    for _page in pages[1:]:
        last = reading(definition, reader, sort=sort, page=last.page.next)
    back = [[row.pk for row in last.page.rows]]
    while last.page.previous:
        last = reading(definition, reader, sort=sort, page=last.page.previous)
        back.append([row.pk for row in last.page.rows])
    assert back == pages[::-1]


@pytest.mark.parametrize("sort", ["-reference", "reference", "submitted_at", "-submitted_at", "state"])
def test_a_walk_sees_each_row_once_while_others_begin_applications(reader: User, sort: str) -> None:
    before = {application.pk for application in many_applications(4 * PER_PAGE)}
    seen, cursor = [], ""
    while True:
        page = reading(APPLICATIONS, reader, sort=sort, page=cursor).page
        seen += [row.pk for row in page.rows]
        many_applications(5)
        if not page.next or before <= set(seen):
            break
        cursor = page.next
    assert [key for key in seen if key in before] == list(dict.fromkeys(key for key in seen if key in before))
    assert before <= set(seen)
    # what pages by their number would have shown
    offsets = [[row.pk for row in reading(APPLICATIONS, reader, sort="-reference").ordered[:PER_PAGE]]]
    many_applications(5)
    offsets.append(
        [row.pk for row in reading(APPLICATIONS, reader, sort="-reference").ordered[PER_PAGE : 2 * PER_PAGE]]
    )
    assert set(offsets[0]) & set(offsets[1]), "counted pages show rows twice when others come in meanwhile"


def asked_by(browser: Client, address: str, **params: str) -> list[str]:
    """What a visit asks of the database; the lesser of two, because one a minute touches the session."""
    visits = []
    for _visit in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address, params).status_code == 200
        visits.append([query["sql"] for query in queries])
    return min(visits, key=len)


@pytest.mark.django_db(transaction=True)
def test_every_list_asks_the_same_of_the_database_for_3_and_for_10_000_rows(reader: User) -> None:
    browsers = {address: Client() for address in QUERIES}
    for address, browser in browsers.items():
        browser.force_login(reader_of(address.split("/")[2]))
    numbers: dict[int, dict[str, int]] = {}
    for size, more in ((3, 3), (10_000, 9_997)):
        many_invoices(more)
        analyse()  # without it PostgreSQL plans for tables that it takes to be empty
        asked = {address: asked_by(browser, address) for address, browser in browsers.items()}
        numbers[size] = {address: len(queries) for address, queries in asked.items()}
        counting = [sql for queries in asked.values() for sql in queries if "COUNT(" in sql]
        assert all(" WHERE " in sql for sql in counting), "no list counts all its rows"
        shown = browsers["/desk/contracts/"].get("/desk/contracts/").context["table"].rows
        assert len(shown) == min(size, PER_PAGE)
    assert numbers == {3: QUERIES, 10_000: QUERIES}
    cursor = reading(APPLICATIONS, reader).page.next
    for _page in range(20):
        cursor = reading(APPLICATIONS, reader, page=cursor).page.next
    on_the_way = asked_by(browsers["/desk/applications/"], "/desk/applications/", page=cursor)
    assert len(on_the_way) == QUERIES["/desk/applications/"]
    assert not [sql for sql in on_the_way if "OFFSET" in sql]


def test_item_11_cursor_filter_and_export_of_one_reader_show_another_nothing_foreign(reader: User) -> None:
    applications = many_applications(3 * PER_PAGE)
    auditor = make_user(Role.AUDITOR)
    own = applications[0].case
    CaseAccess.objects.create(case=own, person=auditor.person, ground="team")
    cursor = reading(APPLICATIONS, reader).page.next
    browser = Client()
    browser.force_login(auditor)
    foreign = {application.case.reference for application in applications[1:]}
    for params in (
        {"page": cursor},
        {"state": "submitted"},
        {"q": "M8"},
        {"export": "csv"},
        {"sort": "state"},
    ):
        text = browser.get("/desk/applications/", params).content.decode()
        assert not {reference for reference in foreign if reference in text}, params
    assert own.reference in browser.get("/desk/applications/", {"export": "csv"}).content.decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "2",
        "0",
        "-1",
        "last",
        "' OR 1=1 --",
        "a" * 10_000,
        "%",
        "__class__",
        "eyJ9:x",
        ":" * 300,
        urlsafe_b64encode(b'["f","str","M8",5]').decode() + ":forged",
        signing.dumps(["f", "str", "M8", 5]),
        signing.Signer(salt="certbody.web.lists:contracts:-number").sign_object(["f", "str", "x", 5]),
        signing.Signer(salt="certbody.web.lists:applications:reference").sign_object(["f", "str", "M8", 1]),
    ],
    # signatures differ from process to process, and the workers must collect the same names
    ids=[f"cursor{number}" for number in range(14)],
)
def test_a_cursor_that_was_not_written_for_this_list_in_this_order_is_the_first_page(
    reader: User, cursor: str
) -> None:
    many_applications(PER_PAGE + 5)
    first = [row.pk for row in reading(APPLICATIONS, reader).page.rows]
    browser = Client()
    browser.force_login(reader)
    answer = browser.get("/desk/applications/", {"page": cursor})
    assert answer.status_code == 200
    assert [row.record.pk for row in answer.context["table"].rows] == first


def test_a_cursor_beyond_the_last_row_is_the_first_page(reader: User) -> None:
    rows = many_applications(3)
    gone = keyset.written(reading(APPLICATIONS, reader).order, rows[0], keyset.FORWARD)
    page = reading(APPLICATIONS, reader, page=gone).page
    assert len(page.rows) == 3
    assert (page.previous, page.next) == ("", "")


def test_the_page_links_on_and_back_and_keeps_filter_and_order(reader: User) -> None:
    many_applications(12 * PER_PAGE)
    browser = Client()
    browser.force_login(reader)
    first = browser.get("/desk/applications/?state=submitted&sort=submitted_at")
    assert 'rel="prev"' not in first.text
    following = first.context["page"].next
    second = browser.get(f"/desk/applications/?state=submitted&sort=submitted_at&page={following}")
    assert "sort=submitted_at" in second.text.partition('rel="next"')[2][:200]
    assert 'rel="prev"' in second.text
    states = {row.record.state for row in second.context["table"].rows}
    assert states == {"submitted"}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("state=%27+OR+1%3D1", "Select a valid choice."),
        ("q=" + "a" * 10_000, "Ensure this value has at most 80 characters"),
    ],
)
def test_a_value_that_a_filter_refuses_is_named_beside_its_field(
    reader: User, query: str, sentence: str
) -> None:
    many_applications(2)
    browser = Client()
    browser.force_login(reader)
    answer = browser.get(f"/desk/applications/?{query}")
    assert answer.status_code == 200
    assert sentence in answer.text


def test_a_search_finds_names_in_chinese_and_english_numbers_and_credit_codes(reader: User) -> None:
    application = many_applications(3)[1]
    organisation = application.case.organisation
    for text in (
        organisation.name,
        organisation.name_en.lower(),
        application.case.reference,
        organisation.credit_code,
    ):
        found = reading(APPLICATIONS, reader, q=text).rows
        assert [row.pk for row in found] == [application.pk], text
