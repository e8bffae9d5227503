"""Item 58: what is left of people beside the tables: messages of the broker, sessions and caches after the sign-out.

The passing files of uploads are in item 17, those of the drawing child in tests/pdf; hosts are at the end.
"""

import base64
import pickle
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from celery.signals import before_task_publish
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from certbody import clock
from certbody.celery import application
from certbody.files import alarms
from certbody.files.models import StoredFile
from certbody.outbox import waking
from certbody.web.tasks import tidy
from tests.accounts.doors import PASSWORD, make_account, sign_in
from tests.files.making import picture
from tests.matrix.cast import Cast
from tests.matrix.pages import ROWS, Asker, expected_of, path_of
from tests.matrix.things import things_of
from tests.matrix.whole_road import issued_certificate
from tests.road.applications import begun_application
from tests.road.people import make_organisation

pytestmark = pytest.mark.django_db
IN_ONE_DATABASE = pytest.mark.skipif(
    connection.vendor == "postgresql", reason="what a page loads does not depend on the database"
)


# Messages of the broker


@pytest.fixture
def published() -> Iterator[list[tuple[str, Any]]]:
    """Every message that a broker is given, by the name of its task."""
    messages: list[tuple[str, Any]] = []

    def note(sender: str, body: Any, **_: object) -> None:
        messages.append((sender, body))

    before_task_publish.connect(note)
    yield messages
    before_task_publish.disconnect(note)


def is_an_id(value: object) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return str(value).isdigit()
    return True


def test_item_58_a_message_of_the_broker_carries_ids_and_nothing_else(
    published, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        certificate = issued_certificate()
    # what the thread beside the requests sends
    waking.send()
    alarms._ask_for_check(str(StoredFile.objects.filter(case=certificate.case).first().pk))
    assert {name for name, _body in published} == {"outbox.sweep", "files.check_one"}
    for _name, (arguments, named, _options) in published:
        assert all(is_an_id(value) for value in [*arguments, *named.values()])


def test_item_58_no_task_of_ours_takes_more_than_an_id():
    application.loader.import_default_modules()
    own = {
        name: task.run.__code__ for name, task in application.tasks.items() if not name.startswith("celery.")
    }
    taken = {
        name: code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] for name, code in own.items()
    }
    assert set(taken) >= {"outbox.sweep", "trail.checkpoint", "web.tidy", "files.tidy", "files.check"}
    assert {name for names in taken.values() for name in names} == {"pk"}


# Sessions and caches after the sign-out


def cached() -> list[str]:
    """Keys and values of the cache as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM web_cache")
        return [f"{key} {pickle.loads(base64.b64decode(value))!r}" for key, value in cursor.fetchall()]  # noqa: S301


def test_item_58_nothing_of_a_visit_is_left_in_sessions_and_caches_after_the_sign_out():
    user = make_account(email="wang.wei@client.example", is_demo=True)
    make_organisation(user)
    draft = begun_application(user)
    browser = Client()
    sign_in(browser, user.email, "wrong")
    sign_in(browser, user.email, PASSWORD)
    assert browser.get("/portal/").status_code == 200
    assert Session.objects.count() == 1
    upload = {"upload": SimpleUploadedFile("plan.png", picture("PNG")), "number": "B-7"}
    address = f"/portal/applications/{draft.case.reference}/documents/profile/"
    assert browser.post(address, upload).status_code == 302
    browser.get(draft.documents.get().file.get_absolute_url())
    key = browser.session.session_key
    assert browser.post("/accounts/logout/").status_code == 302
    left = [row.get_decoded() for row in Session.objects.all()]
    assert not Session.objects.filter(pk=key).exists()
    assert not UserSession.objects.filter(session_key=key).exists()
    for trace in (user.email, user.person.name, "B-7", key):
        assert trace not in str(left)
        assert [entry for entry in cached() if trace in entry] == []


def test_item_58_a_session_that_ran_out_takes_what_was_known_of_it_along():
    browser = Client()
    sign_in(browser, make_account(is_demo=True).email)
    assert UserSession.objects.count() == 1
    tidy()
    assert UserSession.objects.count() == 1
    Session.objects.update(expire_date=clock.now() - timedelta(minutes=1))
    tidy()
    assert (Session.objects.count(), UserSession.objects.count()) == (0, 0)


# Hosts: the policy that every page carries lets a browser contact ours alone, and no page asks for more


LOADED = re.compile(
    r"<(?:script|img|iframe|source|embed|object|link|form|button|video|audio)\b[^>]*?"
    r"\b(?:src|srcset|data|href|action|formaction|poster)=[\"']([^\"']*)"
)
STYLED = re.compile(r"(?:url\(\s*|@import\s+)[\"']?([^\"')\s]+)")
CONTACTED = {"default-src": "'self'", "img-src": "'self' data: blob:", "form-action": "'self'"}


def foreign_in(text: str) -> list[str]:
    """Addresses of other hosts that a browser would contact for this text without being asked."""
    found = [address for pattern in (LOADED, STYLED) for address in pattern.findall(text)]
    return [address for address in found if re.match(r"(?:https?:|wss?:)?//", address)]


def directives_of(policy: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))


@IN_ONE_DATABASE
def test_item_58_no_page_lets_a_browser_contact_another_host():
    certificate = issued_certificate()
    asker, things = Asker.of(Cast(), certificate), things_of(certificate)
    faults, seen = [], 0
    for route, row in ROWS.items():
        reader = next((name for name, answer in expected_of(row["get"]).items() if answer == "200"), None)
        if reader not in asker.clients:
            continue
        answer = asker.answer(reader, "get", path_of(route, row, things))
        seen += 1
        if answer["Content-Type"].startswith("text/html"):
            policy = directives_of(answer["Content-Security-Policy"])
            faults += [f"/{route}: {name}" for name, value in CONTACTED.items() if policy.get(name) != value]
            faults += [f"/{route}: {address}" for address in foreign_in(answer.content.decode())]
    assert seen > 60
    assert faults == []


def test_item_58_no_style_of_the_site_asks_another_host():
    styles = [path for path in (settings.BASE_DIR / "static").rglob("*.css") if path.is_file()]
    assert len(styles) > 3
    assert {path.name: found for path in styles if (found := foreign_in(path.read_text("utf-8")))} == {}


def test_item_58_negative_control_what_a_browser_would_fetch_is_seen():
    page = """<link rel="stylesheet" href='//cdn.example/a.css'><img alt="" src="http://x.example/1.png"><a href="http://fine/">
        <style>@import "https://y.example/b.css"; p { background: url(//z.example/c.png) }</style>"""
    assert [address.split("/")[2] for address in foreign_in(page)] == [
        "cdn.example",
        "x.example",
        "y.example",
        "z.example",
    ]
