"""The public register: search, the truth about one number, the short address, the interface for programs."""

import html
import json
from datetime import date, timedelta
from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from certbody import clock
from certbody.accounts.roles import Role
from certbody.workflow import perform
from certificates.folding import fold, fold_names, terms, terms_of_names
from certificates.models import Certificate
from certificates.queries.register import search
from certificates.transitions import SUSPEND
from tests.road.certificates import issued_certificate, released_case, reserved_certificate, signed_decision
from tests.road.people import credit_code, make_organisation, make_user

pytestmark = pytest.mark.django_db


def issued_to(name: str, name_en: str, number: int = 900_001) -> Certificate:
    organisation = make_organisation(make_user(), name=name, name_en=name_en, credit_code=credit_code(number))
    return issued_certificate(signed_decision(released_case(organisation=organisation)))


@pytest.mark.parametrize(
    "query",
    [
        "美的",
        "美的集团",
        "美的集團股份有限公司",
        "MIDEA",
        "midea group co",
        "Midea  Group",
        "ｍｉｄｅａ",
        "集團",
    ],
)
def test_a_name_is_found_simplified_traditional_english_and_by_two_characters(query: str) -> None:
    certificate = issued_to("美的集团股份有限公司", "Midea Group Co., Ltd.")
    issued_to("格力电器有限公司", "Gree Electric Appliances", 900_002)
    assert [entry.number for entry in search(query).entries] == [certificate.number]


def test_number_and_credit_code_are_found_in_any_spelling() -> None:
    certificate = issued_to("美的集团股份有限公司", "Midea Group")
    number, code = certificate.number, certificate.organisation.credit_code
    for query in (number, number.lower(), f" {number[:4]} {number[4:]} ", code, code.lower()):
        assert [entry.number for entry in search(query).entries] == [number]


@pytest.mark.parametrize("query", ["美", "%%", "__", "' OR 1=1 --", "a" * 5000, "格美", "团美", "🙂🙂"])
def test_what_is_no_name_finds_nothing_and_does_no_harm(query: str) -> None:
    issued_to("美的集团股份有限公司", "Midea Group")
    assert Client().get(reverse("register"), {"q": query}).status_code == 200
    assert not search(query).entries


def test_pairs_from_different_places_of_a_name_do_not_make_a_match() -> None:
    issued_to("美的集团的美", "Unrelated")
    assert not search("集团美的").entries


def test_reserved_and_void_numbers_are_found_by_nobody() -> None:
    reserved = reserved_certificate()
    for query in (reserved.number, reserved.organisation.name, reserved.organisation.credit_code):
        assert not search(query).entries


def test_the_search_asks_as_many_queries_for_three_answers_as_for_one(
    django_assert_num_queries: object,
) -> None:
    issued_to("华北甲电器有限公司", "One", 900_011)
    with django_assert_num_queries(5):  # type: ignore[operator]
        assert len(search("华北").entries) == 1
    issued_to("华北乙电器有限公司", "Two", 900_012)
    issued_to("华北丙电器有限公司", "Three", 900_013)
    with django_assert_num_queries(5):  # type: ignore[operator]
        assert len(search("华北").entries) == 3


names = st.text(alphabet="美的集团電器售后服务ABCabc 1·（）", min_size=1, max_size=12)


@given(names, st.integers(0, 10), st.integers(2, 6))
@settings(max_examples=200)
def test_every_part_of_a_name_has_all_its_pairs_in_the_index(name: str, start: int, length: int) -> None:
    part = fold(name)[start : start + length]
    if len(part) >= 2:
        assert set(terms(part)) <= set(terms_of_names(fold_names(name)))
        assert part in fold_names(name)


# the page of one number


def public_page(certificate: Certificate, **query: str) -> str:
    answer = Client().get(reverse("register_certificate", args=[certificate.number]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_tells_status_grade_scope_and_dates_and_names_no_person() -> None:
    certificate = issued_certificate()
    page = public_page(certificate)
    facts = certificate.editions.get().manifest
    assert 'data-status="valid"' in page
    for key in (
        "number",
        "client_name_zh",
        "client_name_en",
        "credit_code",
        "scope_zh",
        "scope_en",
        "standard_code",
    ):
        assert facts[key] in page
    for day in (
        certificate.issued_on,
        certificate.expires_on,
        *(visit.due_on for visit in certificate.cycle_dates.all()),
    ):
        assert day.isoformat() in page
    for person in (
        certificate.organisation.contact_name,
        certificate.organisation.contact_phone,
        facts["signatory_name_zh"],
    ):
        assert person not in page
    assert len(page.encode()) < 50_000


def test_the_page_needs_no_script_and_may_not_be_cached() -> None:
    certificate = issued_certificate()
    answer = Client().get(reverse("register_certificate", args=[certificate.number]))
    assert "no-store" in answer["Cache-Control"]
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert "<script>" not in answer.content.decode()


def test_a_suspension_shows_its_ground_and_day_and_not_its_reason() -> None:
    certificate = issued_certificate()
    perform(SUSPEND, certificate, actor=make_user(Role.HEAD), ground="surveillance", reason="内部调查细节")
    page = public_page(certificate)
    assert 'data-status="suspended"' in page
    assert "surveillance did not take place in time" in page
    assert clock.today().isoformat() in page
    assert "内部调查细节" not in page


def test_the_page_answers_for_a_day() -> None:
    with clock.at(date(2026, 3, 1)):
        certificate = issued_certificate()
    with clock.at(date(2026, 6, 1)):
        perform(SUSPEND, certificate, actor=make_user(Role.HEAD), ground="surveillance", reason="x y")
        assert 'data-status="valid"' in public_page(certificate, on="2026-05-31")
        assert 'data-status="suspended"' in public_page(certificate, on="2026-06-01")
        assert 'data-status="expired"' in public_page(certificate, on="2030-01-01")
        assert 'data-status="not_issued"' in public_page(certificate, on="2020-01-01")
        for nonsense in ("2026-13-01", "yesterday", "20260601", "0000-00-00", "２０２６-06-01"):
            answer = Client().get(f"/register/{certificate.number}/", {"on": nonsense})
            assert answer.status_code == 422
            assert 'data-status="suspended"' in answer.text
            assert 'aria-invalid="true"' in answer.text
            assert answer.text.index("This is not a day") < answer.text.index("data-status")


def test_a_day_ahead_is_answered_as_things_stand_and_says_so() -> None:
    certificate = issued_certificate()
    ahead = clock.today() + timedelta(days=30)
    page = public_page(certificate, on=str(ahead))
    assert "As things stand today:" in page
    assert "cb-truth-good" not in page, "nobody takes it for the status of that day"
    answers = [
        Client().get(f"/api/v1/certificates/{certificate.number}", {"on": str(day)}).json()
        for day in (clock.today(), ahead)
    ]
    assert [answer["is_ahead"] for answer in answers] == [False, True]
    assert "As things stand today:" not in public_page(certificate)


def test_the_other_spelling_of_a_number_leads_to_its_page() -> None:
    certificate = issued_certificate()
    answer = Client().get(f"/register/{certificate.number.lower()}/?on=2030-01-01")
    assert answer["Location"] == f"/register/{certificate.number}/?on=2030-01-01"


def test_the_short_address_leads_on_whether_the_number_exists_or_not() -> None:
    certificate = issued_certificate()
    assert Client().get(f"/c/{certificate.number}")["Location"] == f"/register/{certificate.number}/"
    assert Client().get("/c/NOBODY1")["Location"] == "/register/NOBODY1/"


def test_public_pages_take_no_post_and_no_nonsense() -> None:
    certificate = issued_certificate()
    assert Client().get("/register/%ED%A0%80/").status_code == 404
    for address in ("/register/%00/", "/register/a%00b/", "/register/?q=%00%00"):
        assert Client().get(address).status_code == 400
    for url in ("/register/", f"/register/{certificate.number}/", f"/c/{certificate.number}"):
        assert Client().post(url).status_code == 405


def test_an_upcoming_certificate_names_the_one_that_is_valid_until_then() -> None:
    from certbody.cases.models import CaseKind

    with clock.at(date(2024, 1, 15)):
        first = issued_certificate()
    with clock.at(date(2026, 12, 1)):
        second = issued_certificate(
            signed_decision(
                released_case(organisation=first.organisation, kind=CaseKind.RECERTIFICATION, cycle=2)
            )
        )
        page = public_page(second)
        assert 'data-status="upcoming"' in page
        assert f"/register/{first.number}/" in page
        assert f"/register/{second.number}/" in public_page(first)


# the interface for programs


def get(path: str, **query: str) -> tuple[int, dict[str, object]]:
    answer = Client().get(f"/api/v1/{path}", query)
    return answer.status_code, answer.json()


def test_the_interface_says_what_the_page_says() -> None:
    certificate = issued_certificate()
    status, content = get(f"certificates/{certificate.number}")
    assert status == 200
    assert (content["status"], content["is_valid"], content["grade"], content["stars"]) == (
        "valid",
        True,
        "star4",
        4,
    )
    assert content["expires_on"] == certificate.expires_on.isoformat()
    assert content["organisation_zh"] == certificate.organisation.name
    assert certificate.organisation.contact_name not in json.dumps(content, ensure_ascii=False)
    assert get(f"certificates/{certificate.number}", on="2020-01-01")[1]["status"] == "not_issued"
    for nonsense in ("tomorrow", "0", "2026-02-30", "20260601", "2026-W23-1"):
        assert get(f"certificates/{certificate.number}", on=nonsense)[0] == 422, nonsense


def test_the_interface_searches_like_the_page() -> None:
    certificate = issued_to("美的集团股份有限公司", "Midea Group")
    assert [entry["number"] for entry in get("certificates", q="美的")[1]["results"]] == [certificate.number]  # type: ignore[attr-defined, index]
    assert get("certificates", q="美")[1]["results"] == []
    assert get("certificates")[1]["results"] == []


def test_a_batch_is_answered_in_its_order_with_a_fixed_number_of_queries(
    django_assert_num_queries: object,
) -> None:
    first, second = issued_certificate(), issued_certificate()
    numbers = [second.number.lower(), "NOBODY1", first.number, second.number]
    with django_assert_num_queries(4):  # type: ignore[operator]
        answer = Client().post(
            "/api/v1/certificates/check", {"numbers": numbers}, content_type="application/json"
        )
    results = answer.json()["results"]
    assert [entry["number"] for entry in results] == numbers
    assert [entry["status"] for entry in results] == ["valid", None, "valid", "valid"]
    for bad in ({"numbers": ["X"] * 101}, {"numbers": ["X" * 101]}, {"numbers": ["X"], "on": 0}):
        refused = Client().post("/api/v1/certificates/check", bad, content_type="application/json")
        assert refused.status_code == 422, bad


def test_the_schema_and_its_page_come_from_this_host_alone() -> None:
    schema = Client().get("/api/v1/openapi.json").json()
    assert {"/api/v1/certificates/{number}", "/api/v1/certificates", "/api/v1/certificates/check"} == set(
        schema["paths"]
    )
    page = Client().get("/api/v1/docs").content.decode()
    assert "/api/v1/certificates/check" in page
    assert "cdn" not in page
    assert "<script>" not in page


def test_unknown_numbers_get_one_answer_from_the_interface() -> None:
    reserved = reserved_certificate()
    assert get(f"certificates/{reserved.number}") == get("certificates/NOBODY1")
    with mock.patch("certificates.api.by_number", return_value=None):
        assert get("certificates/x")[0] == 404


def test_the_page_about_the_interface_speaks_the_reader_s_language(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    sentences = [schema["info"]["description"]]
    for methods in schema["paths"].values():
        for operation in methods.values():
            sentences += [operation["summary"], operation["description"]]
    translator = translation._trans  # type: ignore[attr-defined]  # where every gettext of Django ends
    monkeypatch.setattr(translator, "gettext", lambda message: f"«{message}»")
    page = html.unescape(client.get("/api/v1/docs").content.decode())
    assert len(sentences) == 7
    for sentence in sentences:
        assert f"«{sentence}»" in page
