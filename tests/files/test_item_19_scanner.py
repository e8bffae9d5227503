"""Item 19: a virus scanner that is configured lets nothing pass that it did not call clean, whatever happens to it."""

import threading
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from certbody.files import scanner
from certbody.files.checks import check_upload
from certbody.files.models import StoredFile, Upload
from tests.applications.conftest import signed_in
from tests.files.clamd import EICAR, judged
from tests.files.making import picture
from tests.files.sending import sent
from tests.road.applications import begun_application


def infected() -> SimpleUploadedFile:
    return SimpleUploadedFile("plan.png", picture("PNG") + EICAR)


def code_of(upload: SimpleUploadedFile) -> str:
    with pytest.raises(Exception, match=r"plan\.png") as refused:
        check_upload(upload, party="user 7")
    return str(refused.value.code)


def test_item_19_a_clean_file_passes_and_the_scanner_saw_every_byte(scanning):
    seen: list[bytes] = []
    content = picture("PNG") + b"\0" * (2 * scanner.PIECE)

    def look(bytes_seen: bytes) -> bytes:
        seen.append(bytes_seen)
        return b"stream: OK\0"

    with scanning(look):
        check_upload(SimpleUploadedFile("plan.png", content))
        assert scanner.answers()
    assert seen == [content]


def test_item_19_an_infected_file_is_refused_and_noted(scanning, security_log):
    with scanning(judged):
        assert code_of(infected()) == "infected"
    (line,) = security_log.lines("infected file refused")
    assert (line["infection"], line["party"], line["result"]) == ("Eicar-Test-Signature", "user 7", "refused")
    assert "plan.png" not in security_log.text


def test_item_19_negative_control_without_a_scanner_the_same_file_passes(settings):
    settings.CERTBODY_CLAMD = ""
    assert check_upload(infected()).extension == "png"


@pytest.mark.parametrize(
    "said", [b"", b"stream: OK, or nearly\0", b"INSTREAM size limit exceeded. ERROR\0", b"\0", b"OK\0"]
)
def test_item_19_whatever_is_not_a_clear_word_lets_nothing_pass(scanning, said, security_log):
    with scanning(lambda _content: said):
        assert code_of(SimpleUploadedFile("plan.png", picture("PNG"))) == "scanner"
    assert security_log.lines("virus scanner down")


@pytest.mark.parametrize("address", ["127.0.0.1:9", "/nowhere/clamd"])
def test_item_19_a_scanner_that_is_down_lets_nothing_pass(settings, address):
    settings.CERTBODY_CLAMD = address
    assert code_of(SimpleUploadedFile("plan.png", picture("PNG"))) == "scanner"
    assert not scanner.answers()


def test_item_19_a_scanner_that_hangs_is_waited_for_no_longer_than_half_a_minute(scanning, monkeypatch):
    assert scanner.LONGEST_CALL <= 30
    monkeypatch.setattr(scanner._ask, "__kwdefaults__", {"seconds": 0.3})
    over = threading.Event()
    with scanning(lambda _content: b"" if over.wait(5) else b"stream: OK\0"):
        began = time.monotonic()
        assert code_of(SimpleUploadedFile("plan.png", picture("PNG"))) == "scanner"
        assert time.monotonic() - began < 4
        over.set()


@pytest.mark.django_db
def test_item_19_a_scanner_that_is_down_stores_nothing_and_the_upload_waits(settings, client_user):
    draft, browser = begun_application(client_user), signed_in(client_user)
    row = sent(browser, draft, picture("PNG"))
    settings.CERTBODY_CLAMD = "127.0.0.1:9"
    address = reverse("applications:document", args=[draft.case.reference, "profile"])
    answer = browser.post(address, {"upload_arrived": [str(row.pk)], "number": "B-7"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "our scanner does not answer" in page
    assert 'value="B-7"' in page
    assert not StoredFile.objects.exists()
    assert list(Upload.objects.all()) == [row]
    settings.CERTBODY_CLAMD = ""
    assert browser.post(address, {"upload_arrived": [str(row.pk)]}).status_code == 302


@pytest.mark.django_db
def test_item_19_of_an_infected_file_in_pieces_nothing_is_left(scanning, client_user):
    draft, browser = begun_application(client_user), signed_in(client_user)
    row = sent(browser, draft, picture("PNG") + EICAR)
    address = reverse("applications:document", args=[draft.case.reference, "profile"])
    with scanning(judged):
        page = browser.post(address, {"upload_arrived": [str(row.pk)]}).content.decode()
    assert "carries malicious software" in page
    assert not Upload.objects.exists()
    assert not draft.documents.exists()


@pytest.mark.django_db
def test_item_19_the_operator_sees_a_scanner_that_is_down(settings, client, monkeypatch):
    monkeypatch.setattr("certbody.web.health._disk_has_room", lambda: True)
    settings.CERTBODY_CLAMD = "127.0.0.1:9"
    assert client.get("/readyz").status_code == 503
    settings.CERTBODY_CLAMD = ""
    assert client.get("/readyz").status_code == 200
