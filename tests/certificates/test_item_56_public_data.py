"""Item 56: nothing that the public gets speaks of people: no page, no JSON, no PDF, no script, no error, no list."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from certbody.accounts.models import Organisation, Person
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import settings_of
from certbody.pdf.certificate import render_certificate
from certbody.pdf.read import pages_of
from certbody.workflow import perform
from certificates.models import Certificate
from certificates.states import Language
from certificates.transitions import SUSPEND
from tests.leaks import is_identity_number, leaks_in
from tests.matrix.pages import ROWS, expected_of, path_of
from tests.matrix.things import things_of
from tests.matrix.whole_road import issued_certificate
from tests.road.people import make_user

IN_ONE_DATABASE = pytest.mark.skipif(
    connection.vendor == "postgresql", reason="what a page says does not depend on the database"
)
LANGUAGES = ("en", "zh-hans")
IDENTITY = "11010519491231002X"  # the example of GB 11643
MOBILE = "13800138000"
SECRET = f"顾客张三丰（身份证{IDENTITY}，电话{MOBILE}，zhang@mail.example）投诉"


def people() -> set[str]:
    """The name of everybody whom the database knows, in every spelling."""
    names = {name for row in Person.objects.values_list("name", "name_en") for name in row}
    names |= {
        str(fact)
        for row in Organisation.objects.values_list(
            "legal_representative", "contact_name", "contact_phone", "contact_email"
        )
        for fact in row
    }
    return names - {""}


def published() -> set[str]:
    """What the body says about itself on purpose."""
    return {str(fact) for fact in settings_of(["body_phone", "body_email"]).values() if fact}


@pytest.fixture
def certificate(db: None) -> Certificate:
    """Suspended for a reason that speaks of a person."""
    found = issued_certificate()
    Organisation.objects.update(
        contact_name="欧阳若兰",
        legal_representative="慕容复国",
        contact_phone=MOBILE,
        contact_email="o@client.example",
    )
    perform(SUSPEND, found, actor=make_user(Role.HEAD, name="司徒浩然"), ground="requirements", reason=SECRET)
    return found


def public_addresses(certificate: Certificate) -> Iterator[str]:
    """Every address that the matrix opens to everybody, and those with something to find."""
    things = things_of(certificate)
    for route, row in ROWS.items():
        if expected_of(row["get"])["anonymous"] == "200":
            yield path_of(route, row, things)
    name = certificate.organisation.name
    for question in (
        certificate.number,
        name,
        name[:2],
        certificate.organisation.credit_code,
        "欧阳若兰",
        MOBILE,
    ):
        yield f"/register/?q={question}"
        yield f"/api/v1/certificates?q={question}"
    yield f"/register/{certificate.number}/?on=2026-01-01"
    yield "/api/v1/certificates/NOBODY"
    yield "/register/NOBODY/"
    yield "/nothing-here/"
    yield "/register/%00/"
    yield "/desk/applications/"
    yield "/sitemap.xml"


@IN_ONE_DATABASE
def test_item_56_no_public_answer_names_a_person_a_number_of_one_or_a_file(certificate: Certificate) -> None:
    found: list[str] = []
    asked = 0
    for language in LANGUAGES:
        browser = Client(headers={"accept-language": language}, raise_request_exception=False)
        for address in public_addresses(certificate):
            answer = browser.get(address)
            text = answer.content.decode() + json.dumps(dict(answer.items()), ensure_ascii=False)
            text = text.replace(address, "")  # a search repeats the question
            question = address.rpartition("=")[2]
            names = people() - {question}
            found += [
                f"{address} ({language}): {leak}"
                for leak in leaks_in(text, names=names, allowed=[*published(), question])
            ]
            asked += 1
    assert asked > 40
    assert found == []


@IN_ONE_DATABASE
def test_item_56_no_error_page_says_more_than_a_sentence(certificate: Certificate, monkeypatch: Any) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(f"{SECRET} {settings.CERTBODY_HOME}")

    browser = Client(raise_request_exception=False, enforce_csrf_checks=True)
    answers = [
        browser.post("/accounts/login/", {"login": "x"}),
        browser.get("/register/%00/"),
        browser.post("/api/v1/certificates/check", "{", content_type="application/json"),
    ]
    monkeypatch.setattr("certbody.web.views.render", fail)
    answers.append(browser.get("/"))
    assert {answer.status_code for answer in answers} == {400, 403, 500}
    for answer in answers:
        text = answer.content.decode()
        assert list(leaks_in(text, names=people(), allowed=published())) == []
        assert "Traceback" not in text
        assert "RuntimeError" not in text


def metadata_of(pdf: bytes) -> str:
    with pikepdf.open(BytesIO(pdf)) as document:
        information = {str(key): str(value) for key, value in document.docinfo.items()}
        streams = [
            item.read_bytes().decode(errors="replace")
            for item in document.objects
            if isinstance(item, pikepdf.Stream) and item.get("/Type") == "/Metadata"
        ]
    return f"{information} {streams}"


@IN_ONE_DATABASE
def test_item_56_the_certificate_itself_names_nobody_but_its_signatory(certificate: Certificate) -> None:
    manifest = certificate.editions.get().manifest
    signatory = {str(fact) for key, fact in manifest.items() if key.startswith("signatory")}
    names = {name for name in people() if name not in signatory}
    for language in Language:
        pdf = render_certificate(manifest, language)
        text = "\n".join(pages_of(pdf)) + metadata_of(pdf)
        assert certificate.number in text
        assert list(leaks_in(text, names=names, allowed=published())) == []
        assert str(settings.BASE_DIR) not in pdf.decode("latin-1")


def test_item_56_no_script_or_style_of_ours_speaks_of_people_or_of_the_machine() -> None:
    own = [path for path in (settings.BASE_DIR / "static" / "certbody").iterdir() if path.is_file()]
    assert {path.suffix for path in own} >= {".js", ".css", ".svg"}
    found = {path.name: list(leaks_in(path.read_text("utf-8"), allowed=["manage.py"])) for path in own}
    assert {name: leaks for name, leaks in found.items() if leaks} == {}


def test_item_56_negative_control_the_scanner_finds_each_of_them() -> None:
    found = list(leaks_in(f"{SECRET} /srv/x/certbody", names=["张三丰"]))
    assert found == [
        f"telephone {MOBILE}",
        f"identity number {IDENTITY}",
        "mail zhang@mail.example",
        "path /srv/x",
        "name 张三丰",
    ]
    assert not is_identity_number("110105194912310021")
    assert list(leaks_in("91440300123456789X 2026-0142 0755-12345678 certificate 20261231")) == []
