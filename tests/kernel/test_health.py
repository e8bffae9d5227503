"""Health says ok or fail; the demo's mailbox exists only in the demo."""

from pathlib import Path

import pytest
from django.core.mail import EmailMessage, get_connection
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from certbody import facts, triggers
from certbody.body.preparation import as_owner
from certbody.web import health

pytestmark = pytest.mark.django_db


def test_alive_asks_no_database(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read_and_never_cached(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
    assert "no-store" in client.get(path)["Cache-Control"]


def test_ready_says_ok_and_nothing_more(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db(transaction=True)
def test_ready_fails_without_a_trigger(client: Client) -> None:
    lost = triggers.CATALOGUE[0]
    assert isinstance(lost, triggers.AppendOnly)
    with as_owner(), connection.cursor() as cursor:
        name = (
            next(iter(lost.sqlite()))[0] if connection.vendor == "sqlite" else next(iter(lost.postgres()))[0]
        )
        cursor.execute(
            f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else f" ON {lost.table}")
        )
    try:
        answer = client.get("/readyz")
    finally:
        with as_owner():
            triggers.create_all(connection)
    assert (answer.status_code, answer.json()) == (503, {"status": "fail"})
    assert client.get("/readyz").status_code == 200


def test_ready_fails_when_files_cannot_be_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> bool:
        raise OSError("disk full")

    monkeypatch.setattr(health, "_storage_is_writable", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "fail"})


def test_ready_fails_until_the_demo_is_loaded(
    client: Client, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CERTBODY_DEMO = True  # type: ignore[attr-defined]
    for loaded, status in ((False, 503), (True, 200)):
        monkeypatch.setitem(facts._answers, "demo_is_loaded", [lambda loaded=loaded: loaded])
        assert client.get("/readyz").status_code == status


def test_the_mailbox_exists_only_in_the_demo(client: Client, settings: object, tmp_path: Path) -> None:
    assert client.get("/demo/mail/").status_code == 404
    settings.CERTBODY_DEMO = True  # type: ignore[attr-defined]
    settings.EMAIL_FILE_PATH = tmp_path  # type: ignore[attr-defined]
    assert "No mail yet" in client.get("/demo/mail/").text
    assert client.post("/demo/mail/").status_code == 405


def test_the_mailbox_shows_what_was_sent_the_newest_first(
    client: Client, settings: object, tmp_path: Path
) -> None:
    settings.CERTBODY_DEMO = True  # type: ignore[attr-defined]
    settings.EMAIL_FILE_PATH = tmp_path  # type: ignore[attr-defined]
    sender = get_connection("django.core.mail.backends.filebased.EmailBackend")
    sender.open()
    for subject, body in (
        ("第一封", "hello"),
        ("Second", "look at http://127.0.0.1:8000/here/ <script>alert(1)</script>"),
    ):
        EmailMessage(subject, body, to=["client@example.org"], connection=sender).send()
    sender.close()
    text = client.get("/demo/mail/").text
    assert 0 < text.index("Second") < text.index("第一封")
    assert 'href="http://127.0.0.1:8000/here/"' in text
    assert "<script>alert" not in text
