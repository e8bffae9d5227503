"""Items 41 and 43: whoever asks during an outage reads a sentence in his language, and keeps what he typed.

The faults come from outside the product: a wrapper around the connection fails every statement.
"""

import errno
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import InterfaceError, InternalError, OperationalError, connection
from django.test import Client

from certbody.accounts.roles import Role
from certbody.outages import Outage, outage_of
from certbody.trail.models import Event
from tests.kernel.bench import make_table
from tests.kernel.pages import address, open_bench, signed_in, submission
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

SENTENCES = {
    "en": "The database does not answer at this moment.",
    "zh-hans": "数据库暂时没有响应",
    "zh-hant": "數據庫暫時沒有響應",
}


def gone(_execute: Callable[..., Any], *_statement: Any) -> Any:
    raise OperationalError("server closed the connection unexpectedly")


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "certbody.web.errors.log.error", lambda event, **facts: lines.append({"event": event, **facts})
    )
    return lines


@pytest.mark.parametrize("language", SENTENCES)
def test_item_41_the_page_of_an_outage_asks_no_database_and_speaks_the_reader_s_language(
    language: str, logged: list[dict[str, Any]]
) -> None:
    client = signed_in(make_user(Role.HEAD), raise_request_exception=False)
    client.cookies["django_language"] = language
    with connection.execute_wrapper(gone):
        answer = client.get("/desk/")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert SENTENCES[language] in answer.text
    assert "Traceback" not in answer.text
    assert "server closed" not in answer.text
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert (answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert [(line["event"], line["outage"]) for line in logged] == [("outage", "database")]
    assert logged[0]["number"] in answer.text


def test_item_41_a_form_keeps_its_text_and_is_taken_once_when_it_is_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_bench(monkeypatch)
    table = make_table()
    client = signed_in(make_user(Role.QUALITY), raise_request_exception=False)
    typed = submission(remark='两行文字\r\n"second" <b>line</b>')
    with connection.execute_wrapper(gone):
        answer = client.post(address(table, "note"), typed)
    assert answer.status_code == 503
    assert fields_of(answer.text) == typed
    assert f'action="{address(table, "note")}"' in answer.text
    for _click in range(2):
        assert client.post(address(table, "note"), fields_of(answer.text)).status_code == 302
    assert Event.objects.filter(name="bench.noted").count() == 1
    table.refresh_from_db()
    assert table.remark == typed["remark"]


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields as a browser sends them."""
    from html import unescape

    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {unescape(name): unescape(text) for name, text in found}


def test_item_41_secrets_are_never_written_into_the_page_of_an_outage() -> None:
    client = Client(raise_request_exception=False)
    with connection.execute_wrapper(gone):
        answer = client.post("/accounts/login/", {"login": "a@example.org", "password": "very-secret-word"})
    assert answer.status_code == 503
    assert "very-secret-word" not in answer.text
    assert "go back with your browser" in answer.text


def test_item_41_programs_are_told_in_json_and_htmx_gets_a_note_that_leaves_the_form_alone() -> None:
    client = signed_in(make_user(Role.QUALITY), raise_request_exception=False)
    with connection.execute_wrapper(gone):
        told = client.get("/api/v1/certificates/EX26SC00001R1")
        note = client.post("/desk/scoring-tables/", {"remark": "x"}, headers={"HX-Request": "true"})
        saved = client.post(
            "/desk/scoring-tables/", {"remark": "x"}, headers={"HX-Request": "true", "X-Autosave": "1"}
        )
    assert told.status_code == 503
    assert json.loads(told.content)["detail"].startswith(SENTENCES["en"])
    assert (note.status_code, note["HX-Retarget"], note["HX-Reswap"]) == (503, "#outage", "innerHTML")
    assert "What you have typed is still on this page" in note.text
    assert "<html" not in note.text
    assert saved["HX-Reswap"] == "none"
    assert 'id="outage" aria-live="assertive"' in client.get("/desk/").text


def test_a_fault_of_the_product_shows_its_number_and_is_written_once(
    logged: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_arguments: Any) -> Any:
        raise ZeroDivisionError("a secret of the house")

    monkeypatch.setattr("certificates.views.public.search", break_down)
    answer = Client(raise_request_exception=False).get("/register/?q=华丰")
    assert answer.status_code == 500
    assert [line["event"] for line in logged] == ["fault"]
    assert logged[0]["number"] in answer.text
    assert "secret of the house" not in answer.text


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(tmp_path / "scratch.sqlite3", timeout=0, isolation_level=None)
    database.execute("CREATE TABLE kept (text)")
    yield database
    database.close()


def as_django_raises(fault: Exception, kind: type[Exception] = OperationalError) -> Exception:
    raised = kind(str(fault))
    raised.__cause__ = fault
    return raised


def test_an_outage_is_told_from_a_fault_of_the_product(scratch: sqlite3.Connection, tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError) as no_table:
        scratch.execute("SELECT * FROM missing")
    other = sqlite3.connect(tmp_path / "scratch.sqlite3", timeout=0, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as locked:
        scratch.execute("INSERT INTO kept VALUES ('x')")
    other.close()
    scratch.execute("PRAGMA max_page_count=1")
    with pytest.raises(sqlite3.OperationalError) as full:
        scratch.execute("INSERT INTO kept VALUES (zeroblob(1000000))")
    assert outage_of(as_django_raises(no_table.value)) is None
    assert outage_of(as_django_raises(locked.value)) is Outage.DATABASE
    assert outage_of(as_django_raises(full.value)) is Outage.NO_ROOM
    assert outage_of(InterfaceError("connection already closed")) is Outage.DATABASE
    assert outage_of(OSError(errno.ENOSPC, "no space")) is Outage.NO_ROOM
    assert outage_of(OSError(errno.EROFS, "read-only")) is Outage.STORAGE
    assert outage_of(ConnectionRefusedError(errno.ECONNREFUSED, "no mail server")) is None
    assert outage_of(FileNotFoundError(errno.ENOENT, "missing")) is None
    assert outage_of(ZeroDivisionError()) is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (None, Outage.DATABASE),
        ("08006", Outage.DATABASE),
        ("57P01", Outage.DATABASE),
        ("55P03", Outage.DATABASE),
        ("53300", Outage.DATABASE),
        ("53100", Outage.NO_ROOM),
        ("57014", None),
        ("54001", None),
        ("42P01", None),
    ],
)
def test_a_statement_of_ours_that_is_too_slow_or_too_large_is_no_outage(
    state: str | None, expected: Outage | None
) -> None:
    cause = Exception()
    cause.sqlstate = state  # type: ignore[attr-defined]
    fault = OperationalError()
    fault.__cause__ = cause
    assert outage_of(fault) == expected


@pytest.mark.parametrize(("state", "expected"), [("25006", Outage.DATABASE), ("XX000", None)])
def test_a_database_that_became_read_only_is_an_outage_and_a_fault_inside_it_is_none(
    state: str, expected: Outage | None
) -> None:
    cause = Exception()
    cause.sqlstate = state  # type: ignore[attr-defined]
    assert outage_of(as_django_raises(cause, InternalError)) == expected
