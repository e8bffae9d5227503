"""Item 15 in the form of the application: every refusal is a page, in each language, and nothing that was typed or
uploaded before is lost."""

from itertools import cycle

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from certbody.files.checks import REFUSALS, clean_name
from tests.applications.conftest import signed_in
from tests.files.kit import Sample, samples
from tests.files.making import picture
from tests.road.applications import begun_application
from tests.road.people import make_user

LANGUAGES = ("en", "zh-hans", "zh-hant")


@pytest.fixture
def owner(db):
    return make_user()


@pytest.fixture
def address(owner) -> str:
    return reverse("applications:document", args=[begun_application(owner).case.reference, "profile"])


def send(browser: Client, address: str, sample: Sample, language: str):
    file = SimpleUploadedFile("x", sample.content, sample.declared_type)
    file._name = sample.name  # as a hostile program sends it, not as Django's own class cleans it
    given = {"upload": file, "number": "B-7"}
    return browser.post(address, given, headers={"accept-language": language})


def one_of_each() -> dict[str, Sample]:
    """A file for every reason to refuse one."""
    first: dict[str, Sample] = {}
    for sample in samples().values():
        if sample.refusal:
            first.setdefault(sample.refusal, sample)
    return first


@pytest.mark.skipif(
    connection.vendor == "postgresql", reason="what a file is does not depend on the database"
)
def test_item_15_every_refusal_is_a_page_in_the_reader_s_language_that_keeps_what_was_typed(owner, address):
    browser, languages, faults = signed_in(owner), cycle(LANGUAGES), []
    assert send(browser, address, Sample("earlier.png", picture("PNG")), "en").status_code == 302
    for code, sample in one_of_each().items():
        language = next(languages)
        answer = send(browser, address, sample, language)
        with translation.override(language):
            sentence = escape(str(REFUSALS[code]) % {"name": clean_name(sample.name)})
        page = answer.content.decode()
        expected = {"422": str(answer.status_code), sentence: page, 'value="B-7"': page, "earlier.png": page}
        faults += [f"{code} ({language}): no {seen}" for seen, where in expected.items() if seen not in where]
    assert set(one_of_each()) == set(REFUSALS) - {"busy", "own", "infected", "scanner"}  # items 17 and 19
    assert faults == []


def test_item_15_a_name_with_a_nul_is_taken_for_what_stands_before_its_last_ending(owner, address):
    answer = send(signed_in(owner), address, samples()["NUL in the name"], "en")
    assert answer.status_code == 422
    assert "cannot be accepted: please upload a PDF, JPG, PNG, DOCX or XLSX file" in answer.content.decode()


@pytest.mark.parametrize("code", REFUSALS)
def test_item_15_every_refusal_is_said_in_three_languages(code):
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = str(REFUSALS[code])
    assert said["en"] not in {said["zh-hans"], said["zh-hant"]}
