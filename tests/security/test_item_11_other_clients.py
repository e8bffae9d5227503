"""Whatever one client can see, name or send, another client and a passer-by get nothing of it (item 11)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils.html import escape

from applications.services.serving import set_customer_service_owner
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certificates.models import Certificate
from tests.kernel.rows import fingerprint
from tests.matrix.pages import plain_rendering
from tests.matrix.things import rest_of, things_of
from tests.matrix.whole_road import issued_certificate
from tests.road.applications import begun_application
from tests.road.people import make_organisation, make_person, make_user
from tests.security import canaries

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor == "postgresql",
        reason="canaries need the triggers off within a transaction; who sees what does not depend on the database",
    ),
]

OWN_SITE = "http://testserver"
# what everybody has, with the same address
OF_EVERYBODY = re.compile(
    r"^/(?:portal/|portal/certificates/|portal/invoices/|portal/organisations/new/|home/|)$"
)
PUBLIC = ("/register/", "/c/", "/static/", "/accounts/", "/i18n/", "/api/", "/guide/", "/trail/")


# what an attacker would like to set along the way
UNASKED = {
    "state": "accepted",
    "status": "ISSUED",
    "score": "100",
    "grade": "star5",
    "revision": "7",
    "number": "EX26SC99999R1",
    "is_staff": "1",
    "is_superuser": "1",
    "is_demo": "1",
    "roles": "head",
    "role": "head",
    "submitted_at": "2026-01-01",
}


@dataclass
class Found(HTMLParser):
    """Links, form actions with their hidden fields and every address that a page names."""

    page: str
    links: set[str] = field(default_factory=set)
    forms: dict[str, dict[str, str]] = field(default_factory=dict)
    action: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post", "data-url"):
            if name in given:
                self.links.add(urljoin(self.page, given[name]))
        if tag == "form" and given.get("method", "").lower() == "post":
            self.action = urljoin(self.page, given.get("action") or self.page)
            self.forms.setdefault(self.action, {})
        elif given.get("type") == "hidden" and self.action and given.get("name"):
            self.forms[self.action][given["name"]] = given.get("value", "") or "x"


@dataclass
class Visit:
    """Everything that somebody can reach by following what the pages name."""

    client: Client
    pages: dict[str, int] = field(default_factory=dict)
    forms: dict[str, dict[str, str]] = field(default_factory=dict)

    def follow(self, *starts: str) -> "Visit":
        waiting = list(starts)
        while waiting:
            address = waiting.pop()
            path = urlsplit(address).path
            if path in self.pages or path.startswith(("/static/", "/accounts/logout/", "/i18n/")):
                continue
            answer = self.client.get(path)
            self.pages[path] = answer.status_code
            if answer.get("Location"):
                waiting.append(urljoin(f"{OWN_SITE}{path}", answer["Location"]))
            if answer.get("Content-Type", "").startswith("text/html"):
                found = Found(f"{OWN_SITE}{path}")
                found.feed(answer.content.decode())
                self.forms |= {urlsplit(action).path: fields for action, fields in found.forms.items()}
                waiting += [link for link in found.links if link.startswith(f"{OWN_SITE}/")]
        return self


def traces_in(answer: Any) -> set[str]:
    """Texts of the first client in a body or a header; those of the body itself are everybody's."""
    body = b"" if answer.streaming else answer.content
    text = body.decode("utf-8", "replace") + repr(sorted(answer.headers.items()))
    return canaries.shown_in(text) - {canaries.SETTING}


@dataclass(frozen=True)
class Neighbours:
    certificate: Certificate
    first: User
    second: User
    things: dict[str, Any]


@pytest.fixture
def neighbours(db: None) -> Neighbours:
    """The first client has a whole case in canaries; the second one an organisation and a draft of his own."""
    certificate = issued_certificate()
    things = things_of(certificate)
    rest_of(certificate)
    canaries.release(author=make_person())
    first = User.objects.get(person__memberships__organisation=certificate.organisation_id)
    second = make_user()
    begun_application(second, own := make_organisation(second))
    contact = make_user(Role.CONTRACTS).person  # known by name to the client, and not by a canary
    set_customer_service_owner(organisation=own, person=contact, actor=None)
    return Neighbours(Certificate.objects.get(pk=certificate.pk), first, second, things)


def visitor(user: User | None = None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
        client.get("/accounts/email/")
    return client


def others(neighbours: Neighbours) -> Iterator[tuple[str, Client]]:
    yield "second client", visitor(neighbours.second)
    yield "passer-by", visitor()


def private(paths: Any) -> list[str]:
    return sorted(path for path in paths if not path.startswith(PUBLIC) and not OF_EVERYBODY.match(path))


def test_item_11_nothing_that_one_client_reaches_exists_for_another(neighbours: Neighbours) -> None:
    with plain_rendering():
        seen = Visit(visitor(neighbours.first)).follow("/portal/", "/portal/certificates/")
    # an address that only takes a form tells a GET nothing; its POST is sent below
    own = [path for path in private(seen.pages) if seen.pages[path] != 405]
    assert len(own) > 12, own
    assert any(path.startswith("/files/") for path in own), "documents are among what was found"
    strangers = list(others(neighbours))
    before = fingerprint()
    for who, client in strangers:
        gone = 404 if who == "second client" else 302
        for path in own:
            answer = client.get(path)
            assert (answer.status_code, traces_in(answer)) == (gone, set()), (who, path)
            assert who == "second client" or answer["Location"].startswith("/accounts/login/")
        for action in private(seen.forms):
            answer = client.post(action, seen.forms[action])
            assert (answer.status_code, traces_in(answer)) == (gone, set()), (who, action)
    assert fingerprint() == before


def test_items_11_and_26_ids_of_another_and_fields_that_no_form_has_do_nothing(
    neighbours: Neighbours,
) -> None:
    """The second client sends the ids of the first one, and facts that only the body decides, with his own forms."""
    with plain_rendering():
        first = Visit(visitor(neighbours.first)).follow("/portal/")
        second = Visit(client := visitor(neighbours.second)).follow("/portal/")
    stolen = {
        key: str(neighbours.things[key])
        for key in (
            "organisation",
            "site",
            "document",
            "audit",
            "certificate",
            "person",
            "user",
            "file",
            "reference",
        )
    }
    ids = {
        "pk": stolen["site"],
        "id": stolen["site"],
        "case": stolen["reference"],
        "application": "1",
    } | stolen
    before = _rows_of(neighbours)
    for action in private(second.forms):
        fields = second.forms[action] | {
            key: value for form in first.forms.values() for key, value in form.items()
        }
        answer = client.post(action, fields | ids | UNASKED)
        assert (answer.status_code < 500, traces_in(answer)) == (True, set()), action
    assert _rows_of(neighbours) == before
    second_user = User.objects.get(pk=neighbours.second.pk)
    (own,) = second_user.organisations
    case = own.cases.get()
    assert (second_user.roles, second_user.is_staff, own.memberships.count()) == (frozenset(), False, 1)
    assert case.application.state in {"draft", "withdrawn"}, "to withdraw is his own step"
    assert (case.application.revision, case.contracts.count()) == (0, 0)
    assert case.reference != neighbours.certificate.case.reference


def _rows_of(neighbours: Neighbours) -> list[Any]:
    """The first client's rows, as they stand in the database."""
    case = neighbours.certificate.case
    application = case.application
    tables = [application.sites, application.documents, case.contracts, case.tasks, case.involvements]
    rows = [list(table.order_by("pk").values_list()) for table in tables]
    return [*rows, list(type(application).objects.filter(pk=application.pk).values_list())]


def test_item_11_lists_searches_pages_and_counts_tell_nothing_of_another(neighbours: Neighbours) -> None:
    case = neighbours.certificate.case
    words = (
        case.reference,
        neighbours.certificate.number,
        "zq",
        "%",
        neighbours.certificate.organisation.name[:20],
    )
    clients = {
        "second client": visitor(neighbours.second),
        "auditor elsewhere": visitor(make_user(Role.AUDITOR)),
        "committee": visitor(make_user(Role.COMMITTEE)),
    }
    lists = (
        "portal/",
        "portal/certificates/",
        "desk/",
        "desk/search/",
        "desk/applications/",
        "desk/contracts/",
    )
    lists += ("desk/audits/", "desk/certificates/", "desk/panels/", "desk/decisions/")
    with plain_rendering():
        for who, client in clients.items():
            for page in lists:
                for query in ("", "?page=1", "?page=2&sort=-reference", "?state=accepted", "?export=csv"):
                    assert traces_in(client.get(f"/{page}{query}")) == set(), (who, page, query)
            for word in words:
                answer = client.get("/desk/search/", {"q": word})
                assert traces_in(answer) - canaries.shown_in(word) == set(), (who, word)
    empty = clients["auditor elsewhere"].get("/desk/applications/").content.decode()
    assert "Applications appear here" in empty, "no count, no empty row, no pager of what is hidden"


def without_address(answer: HttpResponse) -> str:
    """A page without the address that was asked for, and without the token of its forms, which is another each time."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.text)
    return text.replace(escape(answer.wsgi_request.get_full_path()), "")


def test_item_11_a_thing_of_another_and_a_thing_that_never_was_answer_alike(neighbours: Neighbours) -> None:
    never: dict[str, Any] = dict.fromkeys(neighbours.things, 987_654)
    never |= {
        "file": "00000000-0000-4000-8000-000000000000",
        "reference": "2019-9999",
        "contract": "C2019-9999-1",
    }
    client = visitor(neighbours.second)
    for address in (
        "/portal/applications/{reference}/",
        "/portal/cases/{reference}/",
        "/portal/contracts/{contract}/",
        "/portal/organisations/{organisation}/",
        "/portal/certificates/{certificate}/",
        "/portal/audits/{audit}/",
        "/files/{file}/",
        "/steps/application/{audit}/submit/",
    ):
        of_another = client.get(address.format_map(neighbours.things))
        of_nobody = client.get(address.format_map(never))
        assert (of_another.status_code, of_nobody.status_code) == (404, 404), address
        assert without_address(of_another) == without_address(of_nobody), address


def test_item_11_the_walk_sees_the_canaries_where_they_are_allowed(neighbours: Neighbours) -> None:
    """The negative control: the first client himself sees his texts at the addresses that the others are refused."""
    client = visitor(neighbours.first)
    assert traces_in(client.get(f"/portal/applications/{neighbours.certificate.case.reference}/"))
    assert Visit(client).follow("/portal/").forms
