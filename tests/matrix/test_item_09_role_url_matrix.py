"""Every address × everybody × GET and POST (battery item 9): `urls.toml` says what each of them is answered."""

import logging
from collections.abc import Iterator

import pytest
from django.db import connection

from certbody import workflow
from certbody.accounts.roles import Role
from tests.kernel.rows import fingerprint
from tests.matrix.cast import Cast
from tests.matrix.pages import METHODS, ROWS, Asker, columns_of, expected_of, path_of, routes
from tests.matrix.things import objects_of, things_of
from tests.matrix.whole_road import issued_certificate
from tests.road.certificates import committee, opened_panel, released_case

IN_ONE_DATABASE = pytest.mark.skipif(
    connection.vendor == "postgresql",
    reason="which page answers whom does not depend on the database; the rules themselves run on both",
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


@pytest.mark.django_db
@IN_ONE_DATABASE
def test_items_9_and_26_every_address_answers_as_its_row_says_and_reading_changes_no_row() -> None:
    certificate = issued_certificate()
    asker, things = Asker.of(Cast(), certificate), things_of(certificate)
    before = fingerprint()
    differences = _differences(asker, things, "get")
    differences |= {
        f"head {route}: {name}": answer
        for route, row in ROWS.items()
        for name in ("client", "head")
        if (answer := asker.ask(name, "head", path_of(route, row, things))) == "500"
    }
    assert (differences, fingerprint()) == ({}, before)
    assert _differences(asker, things, "post") == {}
    assert fingerprint() == before, "what the POSTs did was not taken back"


def _differences(asker: Asker, things: dict[str, object], method: str) -> dict[str, str]:
    found = {}
    for route, row in ROWS.items():
        path, expected = path_of(route, row, things), expected_of(row[method])
        for name in columns_of(route, asker):
            answer = asker.ask(name, method, path)
            if answer != expected[name]:
                found[f"{method} {route}: {name}"] = f"{answer} instead of {expected[name]}"
    return found


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
        for name in ("other_client", Role.AUDITOR, Role.EXPERT, Role.COMMITTEE)
        for method in METHODS
        if table.aggregate != "scoring_table"
    }
    assert {answer for _name, _method, answer in answers} == {"404"}


@pytest.mark.django_db
def test_no_address_is_a_fault_for_those_who_see_most() -> None:
    """On both databases, unlike the whole matrix."""
    certificate = issued_certificate()
    asker, things = Asker.of(Cast(), certificate), things_of(certificate)
    paths = [path_of(route, row, things) for route, row in ROWS.items()]
    assert [
        path for name in ("head", "client") for path in paths if asker.ask(name, "get", path) == "500"
    ] == []


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
