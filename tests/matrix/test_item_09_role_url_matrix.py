"""Every address × everybody × every method (battery item 9): `urls.toml` says what each of them is answered.

The same walk proves that no page lets what people wrote come alive (22), that nobody outside a case sees a text of it
(11), and that reading changes no row (26).
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from certbody import workflow
from certbody.accounts.roles import Role
from certificates.models import Certificate
from tests.kernel.rows import fingerprint
from tests.matrix.cast import Cast
from tests.matrix.pages import (
    METHODS,
    ROWS,
    Asker,
    answer_in_short,
    columns_of,
    expected_of,
    path_of,
    plain_rendering,
    routes,
)
from tests.matrix.things import objects_of, rest_of, things_of
from tests.matrix.whole_road import issued_certificate
from tests.road.certificates import committee, opened_panel, released_case
from tests.road.people import make_person
from tests.security import canaries

IN_ONE_DATABASE = pytest.mark.skipif(
    connection.vendor == "postgresql",
    reason="which page answers whom does not depend on the database; the rules themselves run on both",
)


LANGUAGES = ("en", "zh-hans", "zh-hant")
UNKNOWN: defaultdict[str, Any] = defaultdict(lambda: 1)

# who may see nothing of the case that the walk stands on, but what the register shows
OUTSIDERS = ("anonymous", "other_client", Role.AUDITOR, Role.EXPERT, Role.COMMITTEE)
PUBLIC_ROUTES = ("register/", "api/")
PUBLIC_TEXTS = (
    "accounts.organisation.name",
    "accounts.organisation.registered_address",
    "applications.application.scope",
    "applications.site.",
    "accounts.person.name",
)
# what the walk has to come across, so that it proves something
READ_ON_THE_WAY = (
    "accounts.organisation.name",
    "accounts.person.name",
    "applications.application.scope",
    "applications.question.text",
    "audits.finding.text",
    "audits.report.summary",
    "certificates.decision.reasons",
    "certificates.panel.motion_reasons",
    "files.storedfile.name",
)


ATTEMPTS = (
    *(("other_client", method) for method in METHODS),
    *((Role.AUDITOR, method) for method in METHODS),
    (Role.EXPERT, "get"),
    (Role.COMMITTEE, "post"),
)


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    """Thousands of refusals are no news."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_item_9_every_address_of_the_site_has_a_row_and_no_row_has_no_address() -> None:
    assert {route for route, _pattern in routes()} == set(ROWS)


def test_item_9_a_row_speaks_of_everybody() -> None:
    asked = {"anonymous", "client", "other_client", "lead", "team_auditor", "seat", *Role.values}
    assert {
        f"{method} {route}"
        for route, row in ROWS.items()
        for method in METHODS
        if set(expected_of(row[method])) != asked
    } == set()


@dataclass
class Walk:
    """Asks everybody for everything and looks at what came back."""

    asker: Asker
    things: dict[str, Any]
    differences: dict[str, str] = field(default_factory=dict)
    alive: dict[str, list[str]] = field(default_factory=dict)
    leaks: dict[str, set[str]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    languages: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def ask_all(self, method: str) -> None:
        for place, (route, row) in enumerate(ROWS.items()):
            path, expected = path_of(route, row, self.things), expected_of(row[method])
            people = columns_of(route, self.asker)
            for number, name in enumerate(people):
                language = LANGUAGES[(place + number) % len(LANGUAGES)]
                answer = self.ask(method, route, path, name, language)
                if answer != expected[name]:
                    self.differences[f"{method} {route}: {name}"] = f"{answer} instead of {expected[name]}"
            self._ask_in_other_languages(method, route, path)

    def _ask_in_other_languages(self, method: str, route: str, path: str) -> None:
        """A page that few people read is opened in every language all the same."""
        readers = [key.partition(" ")[2] for key in self.languages if key.startswith(f"{route} ")]
        seen = set().union(*(self.languages[f"{route} {name}"] for name in readers))
        if method == "get" and readers:
            for language in set(LANGUAGES) - seen:
                self.ask(method, route, path, readers[0], language)

    def ask(self, method: str, route: str, path: str, name: str, language: str) -> str:
        answer = self.asker.answer(name, method, path, language)
        kind = answer.get("Content-Type", "")
        if kind.startswith(("text/html", "application/json", "text/plain")):
            page = answer.content.decode()
            self._look_at(f"{method} {route}: {name}, {language}", page, kind.startswith("text/html"))
            if leaked := canaries.shown_in(page) - _open_to(name, route):
                self.leaks[f"{method} {route}: {name}"] = leaked
            if method == "get" and answer.status_code == 200 and kind.startswith("text/html"):
                self.languages[f"{route} {name}"].add(language)
        assert "zq" not in str(answer.get("Location", "")), (
            f"{route} writes what people wrote into an address"
        )
        return answer_in_short(answer)

    def _look_at(self, place: str, page: str, is_html: bool) -> None:
        self.shown |= canaries.shown_in(page)
        faults = canaries.alive_in(page) if is_html else canaries.computed_in(page)
        if faults:
            self.alive[place] = faults


def _open_to(name: str, route: str) -> set[str]:
    """The canaries that may be shown to somebody at an address: all of them to the people of the case."""
    if name not in OUTSIDERS:
        return canaries.marks_of("")
    own = {canaries.SETTING}
    if name in Role.values:  # colleagues read what the body sets for itself, and which colleague set it
        own |= canaries.marks_of("body.", "accounts.person.name")
    if route.startswith(PUBLIC_ROUTES):
        own |= canaries.marks_of(*PUBLIC_TEXTS) | {canaries.COMPOSED}
    return own


@pytest.mark.django_db
@IN_ONE_DATABASE
def test_items_9_11_22_and_26_every_address_answers_as_its_row_says_and_what_people_wrote_stays_text() -> (
    None
):
    """One walk over all addresses with all people, in three languages, where every text of a case is hostile."""
    certificate = issued_certificate()
    things = things_of(certificate)
    rest_of(certificate)
    canaries.release(author=make_person())
    certificate = Certificate.objects.get(pk=certificate.pk)
    walk = Walk(Asker.of(Cast(), certificate), things)
    before = fingerprint()
    with plain_rendering():
        walk.ask_all("get")
    assert (walk.differences, fingerprint()) == ({}, before)
    with plain_rendering():
        walk.ask_all("post")
    assert walk.differences == {}
    assert fingerprint() == before, "what the POSTs did was not taken back"
    assert (walk.alive, walk.leaks) == ({}, {})
    assert [label for label in READ_ON_THE_WAY if canaries.mark_of(label) not in walk.shown] == []


@pytest.mark.django_db
def test_item_9_no_address_knows_a_method_beside_get_head_and_post(client: Client) -> None:
    client.raise_request_exception = False
    answers = {
        (method, client.generic(method, path_of(route, row, UNKNOWN)).status_code)
        for route, row in ROWS.items()
        for method in ("OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "GETS")
    }
    assert {status for _method, status in answers} == {405}


@pytest.mark.django_db
def test_item_9_head_answers_as_get_does() -> None:
    certificate = issued_certificate()
    asker, things = Asker.of(Cast(), certificate), things_of(certificate)
    with plain_rendering():
        differences = {
            f"{route}: {name}": answer
            for route, row in ROWS.items()
            if not route.startswith("api/v1/certificates")  # GET and POST only, as its description says
            for name in ("client", "head")
            if (answer := asker.ask(name, "head", path_of(route, row, things)))
            != expected_of(row["get"])[name]
        }
    assert differences == {}


@pytest.mark.django_db
@IN_ONE_DATABASE
def test_item_9_no_step_on_an_object_of_somebody_else_exists() -> None:
    objects = objects_of(issued_certificate())
    asker = Asker.of(Cast(), objects["certificate"])
    answers = {
        (
            name,
            method,
            asker.ask(name, method, f"/steps/{table.aggregate}/{objects[table.aggregate].pk}/{step.name}/"),
        )
        for table in workflow.tables()
        for step in table.steps
        for name, method in ATTEMPTS
        if table.aggregate != "scoring_table"
    }
    assert {answer for _name, _method, answer in answers} == {"404"}


@pytest.mark.django_db
def test_item_9_a_seat_opens_the_case_while_its_panel_is_open() -> None:
    released = released_case()
    panel = opened_panel(released, committee())
    asker = Asker.of(Cast(), panel)
    for path in (
        f"/desk/cases/{released.case.reference}/",
        f"/desk/panels/{panel.pk}/",
        f"/steps/panel/{panel.pk}/vote/",
    ):
        assert {name: asker.ask(name, "get", path) for name in ("seat", Role.COMMITTEE, "client")} == {
            "seat": "200",
            Role.COMMITTEE: "404",
            "client": "404",
        }, path
