"""What people wrote stays text in mails, printed documents, exports and in a real browser (item 22).

The pages themselves are walked in `tests/matrix/test_item_09_role_url_matrix.py`, over the same canaries.
"""

import csv
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from io import StringIO
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.db import connection
from django.test import Client, TestCase
from django.utils import translation

from applications.jobs import TEMPLATE as CONTRACT
from applications.jobs import contract_context
from audits.report_document import context_of
from certbody.accounts.roles import Role
from certbody.outbox import sweeper
from certbody.outbox.models import Message
from certbody.pdf import render
from certbody.pdf.certificate import render_certificate
from certbody.pdf.read import has_active_content, text_of
from certificates.letter_job import TEMPLATE as PROOF
from certificates.letter_job import context_of as proof_context
from certificates.models import Certificate
from certificates.queries.committee import letter_facts
from certificates.states import Language
from certificates.tasks import LETTER_TEMPLATE
from tests.matrix.things import rest_of, things_of
from tests.matrix.whole_road import issued_certificate
from tests.road.people import make_person, make_user
from tests.security import canaries

LANGUAGES = ("en", "zh-hans", "zh-hant")


class Elements(HTMLParser):
    """What a parser of HTML takes for elements that run."""

    def __init__(self) -> None:
        super().__init__()
        self.running: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.running.append("script")
        self.running += [f"{tag} {name}" for name in given if name.startswith("on")]
        self.running += [
            f"{tag} {name}={value}"
            for name, value in attrs
            if (value or "").strip().lower().startswith(("javascript:", "vbscript:", "data:text"))
        ]


def running_in(page: str) -> list[str]:
    elements = Elements()
    elements.feed(page)
    return elements.running


def pages_printed_for(certificate: Certificate) -> Iterator[tuple[str, str]]:
    """The HTML that the printer is given for every kind of document."""
    case, decision = certificate.case, certificate.decision
    visible = json.dumps(certificate.editions.get().manifest).replace("\\u200b", "")
    manifest = json.loads(visible)  # a sign that no font has is refused before anything is drawn
    given: list[bytes] = []

    def keep(_task: str, html: bytes, **_limits: Any) -> bytes:
        given.append(html)
        return b"%PDF-1.7"

    with mock.patch.object(render.process, "run", keep):
        render.render_pdf(CONTRACT, contract_context(case.contracts.get()), language="zh-hans")
        render.render_pdf("audits/pdf/report.html", context_of(decision.report), language="zh-hans")
        render.render_pdf(LETTER_TEMPLATE, letter_facts(decision), language="zh-hans")
        render.render_pdf(PROOF, proof_context(certificate.letters.get()), language="zh-hans")
        for language in Language:
            render_certificate(manifest, language)
    for kind, html in zip(("contract", "report", "refusal", "proof", *Language), given, strict=True):
        yield kind, html.decode()


@pytest.mark.skipif(
    connection.vendor == "postgresql",
    reason="canaries need the triggers off within a transaction; escaping does not depend on the database",
)
class AHostileCase(TestCase):
    """One case whose every text is a canary, for all that is no page."""

    certificate: Certificate

    @classmethod
    def setUpTestData(cls) -> None:
        certificate = issued_certificate()
        things_of(certificate)
        rest_of(certificate)
        canaries.release(author=make_person())
        cls.certificate = Certificate.objects.get(pk=certificate.pk)

    def test_item_22_every_text_that_people_write_has_a_canary(self) -> None:
        """A new field is covered by itself; a new kind of row has to be made by `rest_of`."""
        empty = {
            f"{model._meta.label_lower}.{field.name}"
            for model, field, mark in canaries.free_texts()
            if not model._default_manager.filter(**{f"{field.name}__contains": mark}).exists()
        }
        assert empty == set()
        assert canaries.text_labels() >= canaries.MACHINE, "a name of this list is no field any more"
        assert len(canaries.labels()) > 60

    def test_item_22_mails_say_it_literally_and_compute_nothing(self) -> None:
        kinds = set()
        for language in LANGUAGES:
            for message in Message.objects.all():
                message.language = language
                sweeper._send(message)
                kinds.add(message.kind)
        assert len(kinds) > 8
        for sent in mail.outbox:
            assert canaries.computed_in(sent.subject + sent.body) == []
            assert sent.message().get_content_type() == "text/plain"
            assert "\n" not in sent.subject
            assert "&lt;" not in sent.body
        name = self.certificate.organisation.name
        assert any(name in sent.body for sent in mail.outbox), "shown as it was written"

    def test_item_22_and_24_printed_documents_are_given_text(self) -> None:
        for kind, page in pages_printed_for(self.certificate):
            assert canaries.alive_in(page) == [], kind
            assert running_in(page) == [], kind
            assert canaries.shown_in(page), kind

    def test_item_22_the_paper_shows_it_literally(self) -> None:
        contract = self.certificate.case.contracts.get()
        contract.application.case.organisation.name = "甲<script>zq()</script>{{7*7}}{0.__class__}"
        pdf = render.render_pdf(CONTRACT, contract_context(contract), language="zh-hans")
        assert "甲<script>zq()</script>{{7*7}}{0.__class__}" in "".join(text_of(pdf).split())
        assert not has_active_content(pdf)

    def test_item_22_exports_and_the_interface_say_it_literally(self) -> None:
        self.client.force_login(make_user(Role.HEAD))
        name = self.certificate.organisation.name
        for what in ("applications", "contracts", "audits", "certificates"):
            text = self.client.get(f"/desk/{what}/?export=csv").content.decode("utf-8-sig")
            cells = [cell for row in csv.reader(StringIO(text, newline="")) for cell in row]
            assert name in cells, what
            assert canaries.computed_in(text) == []
        answer = self.client.get(f"/api/v1/certificates/{self.certificate.number}")
        assert answer["Content-Type"].startswith("application/json")
        facts = self.certificate.editions.get().facts
        assert answer.json()["organisation_zh"] == facts["client_name_zh"]
        assert canaries.shown_in(facts["client_name_zh"])


@pytest.mark.parametrize(
    "page", ["<p onclick=x>", "<script>x</script>", "<a href='JavaScript:x'>", "<svg/onload=x>"]
)
def test_item_22_the_parser_of_this_file_sees_what_runs(page: str) -> None:
    assert running_in(page)
    assert (
        running_in(
            '<script src="/a.js"></script><script type="application/json">{}</script><a href="/">x</a>'
        )
        == []
    )


@pytest.mark.parametrize(
    "page",
    ["zq001z<script>", 'value="zq001z"', "zq49zq", "x<script>zq()", "zq001z49", '<a href="javascript:zq()">'],
)
def test_item_22_every_way_to_come_alive_is_noticed(page: str) -> None:
    assert canaries.alive_in(page)
    with translation.override("en"):
        assert canaries.alive_in("zq001z&lt;script&gt;zq()&lt;/script&gt; javascript:zq() zq{{7*7}}zq") == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "postgresql", reason="what a browser runs does not depend on the database"
)
def test_item_22_a_real_browser_runs_none_of_it(page: Any, live_server: Any) -> None:
    certificate = issued_certificate()
    rest_of(certificate)
    canaries.release(author=make_person())
    certificate.refresh_from_db()
    seen: list[str] = []
    page.on("dialog", lambda dialog: (seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on(
        "console", lambda line: seen.append(line.text) if "Content Security Policy" in line.text else None
    )
    page.add_init_script("window.zq = () => { document.documentElement.dataset.zq = 'ran' }")
    head = Client()
    head.force_login(make_user(Role.HEAD))
    cookie = head.cookies["sessionid"]
    case = certificate.case
    for path in (f"/register/{certificate.number}/", "/", "/desk/"):
        _open(page, path)
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    for path in (
        f"/desk/cases/{case.reference}/",
        f"/desk/applications/{case.reference}/",
        f"/desk/audits/{case.audit.pk}/report/",
        f"/desk/decisions/{certificate.decision_id}/",
        "/desk/certificates/",
    ):
        _open(page, path)
        assert "zq{{7*7}}zq" in page.locator("body").inner_text(), path
    assert seen == []


def _open(page: Any, path: str) -> None:
    page.goto(path)
    assert page.evaluate("document.documentElement.dataset.zq") is None, path
    assert (
        page.locator("svg[onload], [onfocus], script:not([src]):not([type='application/json'])").count() == 0
    ), path
