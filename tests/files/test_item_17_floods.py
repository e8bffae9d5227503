"""Item 17: too much of anything is refused quickly, and one account takes neither the disk nor the checker."""

import os
import resource
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from applications.transitions import ATTACH
from certbody import clock
from certbody.body.models import BodySetting
from certbody.files.checks import LONGEST_CHECK, REFUSALS, CheckedFile, check_upload, clean_name
from certbody.files.models import StoredFile
from certbody.files.quota import PERIOD, OverQuota
from certbody.files.storage import ORPHAN_AGE, clear_temporary
from certbody.pdf import process
from certbody.pdf.turns import NoTurn, Turns
from certbody.workflow import perform
from certbody.wsgi import application as site
from tests.applications.conftest import signed_in
from tests.files.kit import excessive
from tests.files.making import MEGABYTE, pdf, picture
from tests.road.applications import begun_application, checked_picture
from tests.road.people import make_person, make_user

WATCHDOG = 20  # seconds; two and a factor of ten for a busy machine
FLOODS = excessive()


class Flood:
    """A body that is made while it is read, and counts how much of it was."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        piece = self.left if size < 0 else min(size, self.left)
        self.left -= piece
        self.taken += piece
        return b"x" * piece

    readline = read


@pytest.fixture
def temporary(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A folder of passing files of its own, which must be empty afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = folder
    yield folder
    assert list(folder.iterdir()) == []


def memory() -> int:
    """The memory of this process in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    (line,) = [
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    ]
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("what", FLOODS)
def test_item_17_a_flood_is_refused_in_seconds_and_takes_no_memory(what: str, temporary: Path) -> None:
    sample = FLOODS[what]
    upload = SimpleUploadedFile(sample.name, sample.content)
    process.run("pdf", pdf(), seconds=30)  # the waiting process stands, as it does in a running site
    forget_peak()
    before, began = memory(), time.monotonic()
    with pytest.raises(Exception, match=clean_name(sample.name)) as refused:
        check_upload(upload)
    assert time.monotonic() - began < WATCHDOG
    assert peak() - before < 200 * MEGABYTE
    assert refused.value.code == sample.refusal
    assert refused.value.messages[0] == str(REFUSALS[sample.refusal]) % {"name": clean_name(sample.name)}


def answer_to(flood: Flood) -> tuple[str, str]:
    """What the site answers to a body that it would read for the token of the form."""
    request = RequestFactory().post("/accounts/login/", b"x", content_type="multipart/form-data; boundary=x")
    told = {"CONTENT_LENGTH": str(flood.left), "wsgi.input": flood, "HTTP_COOKIE": f"csrftoken={'a' * 32}"}
    statuses: list[str] = []
    body = b"".join(
        site(
            request.environ | told | {"HTTP_ACCEPT_LANGUAGE": "zh-hans"},
            lambda status, _headers: statuses.append(status),
        )
    )
    return statuses[0], body.decode()


@pytest.mark.django_db
def test_item_17_a_body_of_200_mb_is_answered_without_being_read(temporary: Path) -> None:
    flood, began = Flood(200 * MEGABYTE), time.monotonic()
    status, page = answer_to(flood)
    assert time.monotonic() - began < WATCHDOG
    assert status == "413 Request Entity Too Large"
    assert "一次发送的内容过大" in page
    assert flood.taken == 0


@pytest.mark.django_db
def test_item_17_negative_control_a_body_below_the_limit_is_read(temporary: Path) -> None:
    flood = Flood(4 * MEGABYTE)
    assert answer_to(flood)[0].startswith("40")
    assert flood.taken > 0


@pytest.mark.django_db
def test_item_17_ten_thousand_small_files_in_one_request_are_refused(temporary: Path) -> None:
    parts = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="%d.pdf"\r\n\r\n%%PDF\r\n' % number
        for number in range(10_000)
    )
    began = time.monotonic()
    answer = Client().post(
        "/accounts/login/", parts + b"--x--\r\n", content_type="multipart/form-data; boundary=x"
    )
    assert time.monotonic() - began < WATCHDOG
    assert answer.status_code == 400


def test_item_17_files_of_killed_processes_are_swept_after_an_hour(temporary: Path) -> None:
    old, young = temporary / "child-old", temporary / "young.upload.pdf"
    old.mkdir()
    (old / "payload").write_bytes(b"somebody's licence")
    young.write_bytes(b"on its way")
    past = young.stat().st_mtime - ORPHAN_AGE - 60
    os.utime(old, (past, past))
    assert clear_temporary() == 1
    assert [path.name for path in temporary.iterdir()] == ["young.upload.pdf"]
    young.unlink()


# Quota: what one client may hand in


@pytest.fixture
def owner(db: None) -> Any:
    return make_user()


@pytest.fixture
def draft(owner: Any) -> Any:
    return begun_application(owner)


def limit(key: str, value: int) -> None:
    BodySetting.objects.create(key=key, value=value, source="test", set_by=make_person())


def address_of(draft: Any) -> str:
    return reverse("applications:document", args=[draft.case.reference, "profile"])


def upload(user: Any, draft: Any, content: bytes = b"", **more: Any) -> Any:
    file = SimpleUploadedFile("plan.png", content or picture("PNG"))
    return signed_in(user).post(address_of(draft), {"upload": file, "number": "B-7", **more})


def test_item_17_the_quota_of_files_is_told_beside_the_field_and_keeps_what_was_typed(owner, draft):
    limit("client_files_most", 1)
    assert upload(owner, draft).status_code == 302
    answer = upload(owner, draft)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "1 files were uploaded within twelve months and at most 1 are possible" in page
    assert 'id="error_1_id_upload"' in page
    assert 'value="B-7"' in page
    assert draft.documents.count() == 1


def test_item_17_the_quota_of_bytes_counts_the_new_file_too(owner, draft):
    limit("client_megabytes_most", 20)
    whole = CheckedFile("plan.png", b"x" * (20 * MEGABYTE - 400), "png")
    perform(ATTACH, draft, actor=owner, kind="profile", upload=whole)
    assert "at most 20 MB are possible" in upload(owner, draft, picture("PNG", (200, 200))).content.decode()
    assert upload(owner, draft).status_code == 302


def test_item_17_the_quota_holds_where_the_file_is_stored_too(owner, draft):
    """Two requests that both passed the form: the second is refused by the step and stores nothing."""
    limit("client_files_most", 1)
    perform(ATTACH, draft, actor=owner, kind="profile", upload=checked_picture())
    with pytest.raises(OverQuota, match="at most 1 are possible"):
        perform(ATTACH, draft, actor=owner, kind="profile", upload=checked_picture())
    assert StoredFile.objects.count() == 1


def test_item_17_files_of_an_earlier_year_are_not_counted(owner, draft):
    limit("client_files_most", 1)
    with clock.at(clock.now() - PERIOD):
        perform(ATTACH, draft, actor=owner, kind="profile", upload=checked_picture())
    assert upload(owner, draft).status_code == 302


def test_item_17_the_quota_is_of_the_organisation_and_of_nobody_else(owner, draft):
    limit("client_files_most", 1)
    assert upload(owner, draft).status_code == 302
    other = make_user()
    assert upload(other, begun_application(other)).status_code == 302


# Turns: what one account may ask of the checker


def test_item_17_of_one_person_one_file_is_checked_at_a_time(owner, draft):
    with process._nursery._turns.turn(f"user {owner.pk}", longest_wait=1):
        answer = upload(owner, draft)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Another file of yours is being checked at this moment" in page
    assert 'value="B-7"' in page
    assert upload(owner, draft).status_code == 302


def test_item_17_a_full_checker_says_so_and_keeps_what_was_typed(owner, draft, monkeypatch):
    monkeypatch.setattr(process, "LONGEST_WAIT", 0.05)
    with process._nursery._turns.turn("user of another house", longest_wait=1):
        page = upload(owner, draft).content.decode()
    assert "Too many files are being checked at this moment" in page
    assert 'value="B-7"' in page


def test_item_17_nobody_waits_longer_than_a_check_may_take():
    assert LONGEST_CHECK < process.LONGEST_WAIT


def floods_of(party: str, count: int, turns: Turns, order: list[str]) -> list[threading.Thread]:
    """Requests of one party that all come at once."""

    def ask() -> None:
        try:
            with turns.turn(party, longest_wait=10):
                order.append(party or "flood")
                time.sleep(0.05)
        except NoTurn as refusal:
            order.append(refusal.reason)

    threads = [threading.Thread(target=ask) for _request in range(count)]
    for thread in threads:
        thread.start()
    return threads


def turn_after(party: str) -> int:
    """How many turns of a flood of ten somebody else waits for."""
    turns, order = Turns(), list[str]()
    threads = floods_of(party, 10, turns, order)
    with turns.turn("somebody else", longest_wait=10):
        before = order.count(party or "flood")
    for thread in threads:
        thread.join()
    return before


@pytest.mark.race
def test_item_17_a_flood_of_one_account_costs_others_one_turn():
    assert turn_after("user 1") <= 1


@pytest.mark.race
def test_item_17_negative_control_requests_that_are_not_counted_for_a_person_cost_ten():
    assert turn_after("") == 10


def test_item_17_a_large_upload_leaves_nothing_behind(owner, draft, temporary):
    """Above 2.5 MB a file waits on the disk while the request is read, and its copy while it is checked."""
    noise = BytesIO(os.urandom(3 * MEGABYTE))
    content = picture("PNG") + noise.getvalue()
    assert upload(owner, draft, content).status_code == 302
    assert upload(owner, draft, b"%PDF" + noise.getvalue()).status_code == 422
