"""The form of a document with files that arrived in pieces: taken whole or not at all, and never lost to a fault."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from certbody.files.models import StoredFile, Upload
from certbody.files.pieces import path_of
from tests.applications.conftest import signed_in
from tests.files.kit import samples
from tests.files.making import picture
from tests.files.sending import begin, sent
from tests.road.applications import begun_application

pytestmark = pytest.mark.django_db


def photograph(seed: int) -> bytes:
    content = BytesIO()
    Image.new("RGB", (20 + seed, 20), "white").save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def draft(client_user):
    return begun_application(client_user)


@pytest.fixture
def browser(client_user):
    return signed_in(client_user)


def address_of(draft, kind="profile"):
    return reverse("applications:document", args=[draft.case.reference, kind])


def ids(*rows):
    return [str(row.pk) for row in rows]


def test_several_files_become_documents_in_one_go(browser, draft, django_capture_on_commit_callbacks):
    rows = [sent(browser, draft, photograph(number), name=f"{number}.png") for number in range(3)]
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(address_of(draft), {"upload_arrived": ids(*rows), "number": "A-1"})
    assert answer["Location"].endswith("#document-profile")
    documents = draft.documents.order_by("pk")
    assert [(row.file.name, row.number) for row in documents] == [(f"{n}.png", "A-1") for n in range(3)]
    assert not Upload.objects.exists()
    assert not any(path_of(row).exists() for row in rows)


def test_the_page_lists_what_has_arrived_and_what_has_stopped(browser, draft):
    row = sent(browser, draft, picture("PNG"), name="whole.png")
    begin(browser, draft, name="half.png", size=10)
    page = browser.get(address_of(draft)).content.decode()
    assert f'value="{row.pk}" checked' in page
    assert "half.png" in page
    assert "stopped at 0 %" in page


def test_a_fault_beside_the_files_loses_neither_those_in_pieces_nor_those_sent_whole(browser, draft):
    row = sent(browser, draft, photograph(1), name="in-pieces.png", kind="permits")
    whole = SimpleUploadedFile("sent-whole.png", photograph(2))
    given = {"upload": whole, "upload_arrived": ids(row), "number": "B-7", "expires_on": "2020-01-01"}
    answer = browser.post(address_of(draft, "permits"), given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This document has expired" in page
    assert 'value="B-7"' in page
    kept = Upload.objects.get(name="sent-whole.png")
    for arrived in (row, kept):
        assert f'value="{arrived.pk}" checked' in page
    corrected = {"upload_arrived": ids(row, kept), "expires_on": "2099-01-01"}
    assert browser.post(address_of(draft, "permits"), corrected).status_code == 302
    assert set(draft.documents.values_list("file__name", flat=True)) == {"in-pieces.png", "sent-whole.png"}


def test_a_box_that_is_not_ticked_leaves_the_file_where_it_is(browser, draft):
    first, second = (sent(browser, draft, photograph(n), name=f"{n}.png") for n in range(2))
    assert browser.post(address_of(draft), {"upload_arrived": ids(second)}).status_code == 302
    assert list(Upload.objects.all()) == [first]


def test_a_refused_file_has_its_sentence_and_the_good_one_beside_it_stays(browser, draft):
    good = sent(browser, draft, picture("PNG"), name="good.png")
    bad = sent(browser, draft, b"%PDF-1.7\n" + b"x" * 400, name="bad.pdf")
    answer = browser.post(address_of(draft), {"upload_arrived": ids(good, bad)})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“bad.pdf” is damaged and cannot be opened" in page
    assert f'value="{good.pk}" checked' in page
    assert list(Upload.objects.all()) == [good]
    assert not draft.documents.exists()


def test_one_refused_step_saves_none_of_the_files(browser, draft, monkeypatch):
    monkeypatch.setattr("applications.services.applications.MOST_DOCUMENTS_OF_A_KIND", 1)
    rows = [sent(browser, draft, photograph(n), name=f"{n}.png") for n in range(2)]
    answer = browser.post(address_of(draft), {"upload_arrived": ids(*rows)})
    assert answer.status_code == 409
    assert "At most 1 files of a kind" in answer.content.decode()
    assert not draft.documents.exists()
    assert not StoredFile.objects.exists()
    assert Upload.objects.count() == 2


def test_a_file_that_is_gone_or_not_whole_says_so(browser, draft):
    pk = begin(browser, draft, name="half.png", size=10).json()["id"]
    for sent_id in (pk, "6f1c1c52-54a7-4b8a-9b0a-0c2f8cf6a222", "nonsense"):
        answer = browser.post(address_of(draft), {"upload_arrived": [sent_id]})
        assert answer.status_code == 422
        assert "no longer here: please choose it again" in answer.content.decode()


def test_a_file_whose_bytes_are_gone_says_so(browser, draft):
    row = sent(browser, draft, picture("PNG"))
    path_of(row).unlink()
    answer = browser.post(address_of(draft), {"upload_arrived": ids(row)})
    assert (answer.status_code, "choose it again" in answer.content.decode()) == (422, True)


def test_item_11_a_file_sent_for_one_form_or_by_somebody_else_serves_no_other(browser, draft, stranger):
    other_line = sent(browser, draft, picture("PNG"), kind="manual")
    theirs = sent(signed_in(stranger), begun_application(stranger), picture("PNG"))
    for row in (other_line, theirs):
        assert browser.post(address_of(draft), {"upload_arrived": ids(row)}).status_code == 422
    assert not draft.documents.exists()
    assert Upload.objects.count() == 2


def test_the_same_page_sent_twice_makes_one_document(browser, draft):
    row = sent(browser, draft, picture("PNG"))
    given = {"upload_arrived": ids(row), "submission": "6f1c1c52-54a7-4b8a-9b0a-0c2f8cf6a222"}
    answers = [browser.post(address_of(draft), given) for _press in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert draft.documents.count() == 1


def test_two_pages_with_the_same_file_make_one_document(browser, draft):
    row = sent(browser, draft, picture("PNG"))
    assert browser.post(address_of(draft), {"upload_arrived": ids(row)}).status_code == 302
    assert browser.post(address_of(draft), {"upload_arrived": ids(row)}).status_code == 422
    assert draft.documents.count() == 1


def test_one_file_replaces_one_file(browser, draft):
    first = sent(browser, draft, picture("PNG"))
    browser.post(address_of(draft), {"upload_arrived": ids(first)})
    rows = [sent(browser, draft, photograph(n), name=f"{n}.png") for n in range(2)]
    given = {"upload_arrived": ids(*rows), "replaces": draft.documents.get().pk}
    answer = browser.post(address_of(draft), given)
    assert answer.status_code == 422
    assert "One file replaces one file" in answer.content.decode()
    assert Upload.objects.count() == 2


HOSTILE = {
    name: samples()[name]
    for name in (
        "program as pdf",
        "pdf with a script in compressed objects",
        "pdf with an embedded file",
        "docx with macros",
        "xlsx with a billion laughs",
        "14000 by 14000 points",
    )
}


@pytest.mark.one_database
def test_items_15_17_20_21_a_hostile_file_in_pieces_is_refused_like_one_sent_whole(browser, draft):
    told = {}
    for what, sample in HOSTILE.items():
        row = sent(browser, draft, sample.content, name=sample.name)
        answer = browser.post(address_of(draft), {"upload_arrived": ids(row)})
        told[what] = (answer.status_code, sample.name in answer.content.decode())
    assert told == dict.fromkeys(HOSTILE, (422, True))
    assert not Upload.objects.exists()
    assert not StoredFile.objects.exists()
