"""Hostile searches find nothing more, hostile names forge no header and no line of a log (item 23)."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils.http import content_disposition_header

from certbody.accounts.roles import Role
from certbody.files.models import Audience
from certbody.files.storage import store
from certbody.outbox import sweeper
from certbody.outbox.models import Message
from tests.accounts.doors import SecurityLog
from tests.matrix.whole_road import issued_certificate
from tests.road.people import make_user

pytestmark = pytest.mark.django_db

HOSTILE = (
    "' OR 1=1 --",
    '" OR ""="',
    "%",
    "_",
    "\\",
    "%%%%",
    "__",
    "a' UNION SELECT password FROM accounts_user --",
    "'; DROP TABLE cases_case; --",
    "((a+)+)+$" + "a" * 60 + "!",
    "a" * 10_000,
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") * 30,
    "\u202e\u200b\ufeff",
    "[]{}()*?.^$|+",
    "\r\nSet-Cookie: forged=1",
)
LISTS = (
    *("applications", "contracts", "organisations", "documents", "audits", "certificates", "panels"),
    "decisions",
)
LISTS_WITH_SEARCH = ("/desk/applications/", "/desk/contracts/", "/desk/organisations/", "/desk/documents/")
SEARCHES = (
    *("/register/", "/desk/search/", "/desk/certificates/", "/api/v1/certificates"),
    *LISTS_WITH_SEARCH,
)
# what else an address of a list may say
PARAMETERS = ("state", "kind", "owner", "expiry", "days", "sort", "page", "export", "all")
SECONDS = 1  # of the processor, so that a busy machine changes nothing


@pytest.fixture
def head() -> Client:
    client = Client()
    client.force_login(make_user(Role.HEAD))
    return client


def test_item_23_no_search_finds_what_does_not_hold_its_words(head: Client) -> None:
    certificate = issued_certificate()
    shown = (certificate.number, certificate.case.reference)
    for address in SEARCHES:
        for text in HOSTILE:
            began = time.process_time()
            answer = head.get(address, {"q": text})
            assert time.process_time() - began < SECONDS, (address, text[:40])
            assert answer.status_code in {200, 422}, (address, text[:40])
            if address != "/desk/search/" or text not in "_%":
                assert not any(word in answer.content.decode() for word in shown), (address, text[:40])
            assert "forged" not in str(answer.cookies)
    assert certificate.number in head.get("/register/", {"q": certificate.number}).content.decode()


def test_item_23_nothing_hostile_widens_or_breaks_a_list_whatever_parameter_it_comes_in(head: Client) -> None:
    issued_certificate()
    for address in LISTS_WITH_SEARCH:
        usual = [row.record.pk for row in head.get(address).context["table"].rows]
        for parameter in PARAMETERS:
            for text in HOSTILE:
                began = time.process_time()
                answer = head.get(address, {parameter: text})
                assert time.process_time() - began < SECONDS, (address, parameter, text[:40])
                assert answer.status_code == 200, (address, parameter, text[:40])
                found = [row.record.pk for row in answer.context["table"].rows]
                assert found == usual, (address, parameter, text[:40])
                assert "forged" not in str(answer.cookies)


@pytest.mark.parametrize(
    "key",
    [
        "case__organisation__memberships__person__users__password",
        "-case__organisation__credit_code",
        "password",
        "organisation__name",
        "?",
        "pk); DROP TABLE x; --",
        "-",
        "__class__",
    ],
)
def test_item_23_only_the_keys_of_a_list_sort_it(head: Client, key: str) -> None:
    for name in LISTS:
        usual = head.get(f"/desk/{name}/")
        for parameter in ("sort", "order_by", "ordering", "o"):
            answer = head.get(f"/desk/{name}/", {parameter: key})
            assert answer.status_code == 200
            assert [row.record.pk for row in answer.context["table"].rows] == [
                row.record.pk for row in usual.context["table"].rows
            ]


@pytest.mark.parametrize(
    "parameter", ["state", "state__in", "organisation__name__startswith", "pk__gt", "q__regex"]
)
def test_item_23_a_filter_that_the_page_does_not_offer_is_none(head: Client, parameter: str) -> None:
    for name in LISTS:
        usual = head.get(f"/desk/{name}/").context["table"]
        found = head.get(f"/desk/{name}/", {parameter: "' OR 1=1"}).context["table"]
        assert len(found.rows) == len(usual.rows)


FORGED = "甲\r\nBcc: evil@evil.example\r\n\r\n<b>x</b>"


def test_item_23_a_name_with_line_ends_forges_no_header_of_a_mail() -> None:
    certificate = issued_certificate()
    messages = list(Message.objects.filter(case=certificate.case).select_related("case__organisation"))
    mail.outbox.clear()
    for message in messages:
        message.case.organisation.name, message.case.reference = FORGED, FORGED
        message.context = {
            key: {name: FORGED if name == "number" else value for name, value in facts.items()}
            if isinstance(facts, dict)
            else facts
            for key, facts in message.context.items()
        }
        sweeper._send(message)
    assert len(mail.outbox) == len(messages) > 5
    for sent, message in zip(mail.outbox, messages, strict=True):
        assert sent.recipients() == [message.recipient]
        raw = sent.message()
        assert (raw["Bcc"], raw["Cc"], len(raw.get_all("Subject"))) == (None, None, 1)
        assert b"\nBcc:" not in raw.as_bytes().partition(b"\n\n")[0]


def test_item_23_a_file_name_with_line_ends_forges_no_header_of_a_page(head: Client) -> None:
    certificate = issued_certificate()
    for name in ("a\r\nSet-Cookie: forged=1.pdf", 'a"; filename="b.exe', "证书\n.pdf", "../../etc/passwd"):
        file = store(
            content=b"%PDF-1.7 x", name=name, kind="note", case=certificate.case, audience=Audience.CLIENT
        )
        answer = head.get(f"/files/{file.pk}/")
        assert answer.status_code == 200
        assert "forged" not in str(answer.cookies)
        assert answer["Content-Disposition"].startswith("attachment")
        assert not {"\r", "\n"} & set(answer["Content-Disposition"])
    assert content_disposition_header(True, 'a"b.pdf') == 'attachment; filename="a\\"b.pdf"'


def test_item_23_an_event_is_one_line_of_a_log_whatever_its_texts_hold(security_log: SecurityLog) -> None:
    forged = 'x@y.de\r\n{"event": "signed in", "result": "ok", "user": 1}'
    client = Client(headers={"user-agent": f"Browser {forged}"})
    client.post("/accounts/login/", {"login": forged, "password": "wrong\r\n{}"})
    client.post("/accounts/login/", {"login": "x@y.de", "password": "wrong\r\n{}"})
    client.get("/register/", {"q": forged}, headers={"x-forwarded-for": forged})
    client.get("/nothing/%0d%0a%7B%22event%22:%22forged%22%7D")
    assert security_log.lines("signed in") == []
    assert len(security_log.lines("sign-in refused")) == 1
    for name in ("security.log", "application.log"):
        path = Path(settings.CERTBODY_HOME) / "logs" / name
        lines: list[Any] = (
            [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
        )
        assert all(isinstance(line, dict) and line.get("level") for line in lines)
        assert not [line for line in lines if line.get("event") == "forged"]
