"""Item 52: the register tells the truth at the next request, by number, by name and by the code on the paper."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certbody import clock
from certbody.accounts.roles import Role
from certbody.files.storage import read
from certbody.pdf.read import qr_codes_of, text_of
from certbody.workflow import perform
from certificates.models import Certificate
from certificates.transitions import RESTORE, SUSPEND, VOID, WITHDRAW
from tests.road.certificates import issued_certificate, released_case, reserved_certificate, signed_decision
from tests.road.people import credit_code, make_organisation, make_user

pytestmark = pytest.mark.django_db


def words_everywhere(certificate: Certificate, code: str) -> set[str]:
    """The status that each public way gives at this moment."""
    visitor = Client()
    page = visitor.get(f"/register/{certificate.number}/").content.decode()
    by_code = visitor.get(urlsplit(code).path, follow=True).content.decode()
    by_name = visitor.get("/register/", {"q": "美的"}).content.decode()
    by_interface = visitor.get(f"/api/v1/certificates/{certificate.number}").json()["status"]
    found = {re.search(r'data-status="(\w+)"', text).group(1) for text in (page, by_code)}  # type: ignore[union-attr]
    found |= {re.search(r'data-state="(\w+)"', by_name).group(1)}  # type: ignore[union-attr]
    return found | {by_interface}


def test_item_52_every_change_is_public_at_the_next_request_by_every_way() -> None:
    organisation = make_organisation(
        make_user(), name="美的集团股份有限公司", name_en="Midea Group", credit_code=credit_code(900_101)
    )
    certificate = issued_certificate(signed_decision(released_case(organisation=organisation)), draw=True)
    chinese = read(certificate.editions.get().documents.get(language="zh-hans").file)
    (code,) = qr_codes_of(chinese)
    assert code.endswith(f"/c/{certificate.number}")
    head = make_user(Role.HEAD)
    assert words_everywhere(certificate, code) == {"valid"}
    perform(SUSPEND, certificate, actor=head, ground="surveillance", reason="未按期")
    assert words_everywhere(certificate, code) == {"suspended"}
    perform(RESTORE, certificate, actor=head, ground="remedied", reason="已整改")
    assert words_everywhere(certificate, code) == {"valid"}
    with clock.at(certificate.expires_on):
        assert words_everywhere(certificate, code) == {"valid"}
    with clock.at(certificate.expires_on + timedelta(days=1)):
        assert words_everywhere(certificate, code) == {"expired"}
    perform(WITHDRAW, certificate, actor=head, ground="fraud", reason="虚假材料")
    assert words_everywhere(certificate, code) == {"withdrawn"}


def test_item_52_the_page_and_the_paper_say_the_same() -> None:
    certificate = issued_certificate(draw=True)
    page = Client().get(f"/register/{certificate.number}/").content.decode()
    paper = "".join(text_of(read(certificate.editions.get().documents.get(language="en").file)).split())
    facts = certificate.editions.get().manifest
    assert paper.count("★") == facts["stars"] == page.count("star-filled")
    for key in ("number", "credit_code", "scope_en", "client_name_zh"):
        assert facts[key] in page
        assert "".join(facts[key].split()) in paper
    printed = f"{certificate.expires_on.day} {certificate.expires_on:%B %Y}"
    assert "".join(printed.split()) in paper
    assert certificate.expires_on.isoformat() in page


def void_number() -> str:
    certificate = reserved_certificate()
    perform(VOID, certificate, actor=None, reason="试印失败")
    return certificate.number


NOBODY = {
    "unknown": lambda: "EX26SC99999R1",
    "reserved": lambda: reserved_certificate().number,
    "void": void_number,
    "nonsense": lambda: "<script>",
    "long": lambda: "A" * 300,
}


def answer_for(number: str) -> tuple[int, str, int]:
    """Status, page and work for a number, the number itself taken out."""
    with CaptureQueriesContext(connection) as captured:
        answer = Client().get(f"/register/{number}/")
    page = re.sub(
        r'name="csrfmiddlewaretoken" value="[^"]+"|name="next" value="[^"]*"', "", answer.content.decode()
    )
    return answer.status_code, page.replace(number, ""), len(captured)


@pytest.mark.parametrize("kind", NOBODY)
def test_item_52_whatever_is_not_public_gets_the_same_page_with_the_same_work(kind: str) -> None:
    make: Callable[[], str] = NOBODY[kind]
    number = make()
    Client().get("/register/")  # what is loaded once a process is loaded before the counting
    assert answer_for(number) == answer_for("EX26SC88888R1")
    assert answer_for(number)[0] == 404
