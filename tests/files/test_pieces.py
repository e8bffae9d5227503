"""Files that arrive in pieces: the protocol, whose they are, and what is left of them after a day."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certbody import clock
from certbody.accounts.models import Membership
from certbody.accounts.roles import Role
from certbody.files import pieces
from certbody.files.models import StoredFile, Upload
from certbody.files.tasks import tidy
from certbody.workflow import WrongState
from tests.applications.conftest import signed_in
from tests.files.making import picture
from tests.files.sending import begin, send, sent
from tests.road.applications import begun_application, submitted_application
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
CONTENT = b"0123456789"


@pytest.fixture
def owner() -> Any:
    return make_user()


@pytest.fixture
def draft(owner: Any) -> Any:
    return begun_application(owner)


@pytest.fixture
def browser(owner: Any) -> Any:
    return signed_in(owner)


@pytest.fixture
def row(browser: Any, draft: Any) -> Upload:
    """Ten bytes that have been announced."""
    return Upload.objects.get(pk=begin(browser, draft, name="plan.png", size=10).json()["id"])


def bytes_of(row: Upload) -> bytes:
    return pieces.path_of(row).read_bytes()


def test_a_file_grows_piece_by_piece_and_says_how_far_it_is(browser, row):
    assert send(browser, row.pk, CONTENT[:4]).json()["offset"] == 4
    assert browser.get(reverse("files:upload", args=[row.pk])).json() == {
        "id": str(row.pk),
        "name": "plan.png",
        "size": 10,
        "offset": 4,
    }
    assert send(browser, row.pk, CONTENT[4:], offset=4).json()["offset"] == 10
    row.refresh_from_db()
    assert row.is_complete
    assert bytes_of(row) == CONTENT


def test_the_same_piece_once_more_changes_nothing(browser, row):
    for _time in range(2):
        answer = send(browser, row.pk, CONTENT[:4])
        assert (answer.status_code, answer.json()["offset"]) == (200, 4)
    assert bytes_of(row) == CONTENT[:4]


@pytest.mark.parametrize(
    ("content", "offset"),
    [(CONTENT[6:], 6), (b"other", 0), (CONTENT[2:6], 2), (CONTENT + b"!", 4)],
    ids=["with a hole", "another text", "across the end", "beyond the size"],
)
def test_a_piece_that_does_not_fit_is_told_where_the_file_goes_on(browser, row, content, offset):
    send(browser, row.pk, CONTENT[:4])
    answer = send(browser, row.pk, content, offset=offset)
    assert (answer.status_code, answer.json()["offset"]) == (409, 4)
    assert bytes_of(row) == CONTENT[:4]


def test_what_a_crash_left_behind_the_counted_end_is_written_over(browser, row):
    send(browser, row.pk, CONTENT[:4])
    with pieces.path_of(row).open("ab") as file:
        file.write(b"half a piece of a process that was killed")
    assert send(browser, row.pk, CONTENT[4:], offset=4).status_code == 200
    assert bytes_of(row) == CONTENT


@pytest.mark.parametrize("offset", ["", "-1", "x", "１", "9" * 13])
def test_a_piece_without_a_place_is_refused_with_a_sentence(browser, row, offset):
    address = f"{reverse('files:upload_piece', args=[row.pk])}?offset={offset}"
    answer = browser.post(address, CONTENT, content_type="application/octet-stream")
    assert (answer.status_code, answer.json()["error"]) == (422, "The place of the piece is missing.")


@pytest.mark.parametrize("content", [b"", b"x" * (pieces.LARGEST_PIECE + 1)], ids=["empty", "too large"])
def test_a_piece_has_a_size(browser, row, content):
    assert send(browser, row.pk, content).json()["error"] == "A piece has between 1 byte and 4 MB."


def test_a_form_is_no_piece(browser, row):
    address = f"{reverse('files:upload_piece', args=[row.pk])}?offset=0"
    assert browser.post(address, {"csrfmiddlewaretoken": "x", "a": "b"}).status_code == 422
    row.refresh_from_db()
    assert row.received == 0


def test_a_file_is_used_up_once(row):
    pieces.take([row])
    with pytest.raises(WrongState, match=r"plan\.png"):
        pieces.take([row])


def test_cancelling_removes_row_and_bytes(browser, row, django_capture_on_commit_callbacks):
    send(browser, row.pk, CONTENT[:4])
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(reverse("files:upload_cancel", args=[row.pk])).status_code == 200
    assert not Upload.objects.exists()
    assert not pieces.path_of(row).exists()
    assert send(browser, row.pk, CONTENT[4:], offset=4).status_code == 404


@pytest.mark.parametrize("name", ["upload", "upload_piece", "upload_cancel"])
def test_item_11_somebody_else_s_upload_does_not_exist(row, name):
    colleague, inspector = make_user(), make_user(Role.INSPECTOR)
    for user in (colleague, inspector):
        browser, address = signed_in(user), reverse(f"files:{name}", args=[row.pk])
        answer = browser.get(address) if name == "upload" else browser.post(address)
        assert answer.status_code == 404
    assert Upload.objects.filter(pk=row.pk, received=0).exists()


def test_whoever_is_not_signed_in_is_led_to_the_door(client, row):
    answer = client.get(reverse("files:upload", args=[row.pk]))
    assert answer["Location"].startswith("/accounts/login/")


def test_methods_that_an_address_does_not_know(browser, row):
    assert browser.get(reverse("files:upload_begin")).status_code == 405
    assert browser.get(reverse("files:upload_piece", args=[row.pk])).status_code == 405
    assert browser.get(reverse("files:upload_cancel", args=[row.pk])).status_code == 405
    assert browser.post(reverse("files:upload", args=[row.pk])).status_code == 405


def test_nothing_is_sent_for_a_form_of_somebody_else_or_for_one_that_is_closed(browser, owner):
    others = begun_application(make_user())
    closed = submitted_application(owner)
    assert begin(browser, others, name="plan.png", size=10).status_code == 404
    assert begin(browser, closed, name="plan.png", size=10).status_code == 404
    assert begin(signed_in(make_user(Role.REVIEWER)), closed, name="plan.png", size=10).status_code == 404


@pytest.mark.parametrize(
    "target", ["", ":profile", "x:profile", "{}", "{}:", "{}:gossip", "{}:pro\0file", "１:profile"]
)
def test_nothing_is_sent_for_a_line_that_there_is_not(browser, draft, target):
    facts = {
        "purpose": "application-document",
        "target": target.format(draft.pk),
        "name": "a.png",
        "size": "10",
    }
    assert browser.post(reverse("files:upload_begin"), facts).status_code == 404


@pytest.mark.parametrize("purpose", ["", "gossip"])
def test_nothing_is_sent_for_a_form_that_there_is_not(browser, purpose):
    facts = {"purpose": purpose, "target": "1:profile", "name": "plan.png", "size": "10"}
    assert browser.post(reverse("files:upload_begin"), facts).status_code == 404


@pytest.mark.parametrize(
    ("name", "size", "sentence"),
    [
        ("plan.exe", 10, "“plan.exe” cannot be accepted"),
        ("plan.png", 20 * 1024 * 1024 + 1, "is larger than 20 MB"),
        ("plan.png", 0, "is empty"),
        ("a.pdf\0.html", 10, "cannot be accepted"),
    ],
)
def test_item_17_what_name_and_size_condemn_is_refused_before_a_byte_is_sent(
    browser, draft, name, size, sentence
):
    answer = begin(browser, draft, name=name, size=size)
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]
    assert not Upload.objects.exists()


def test_a_size_that_is_no_number_is_refused(browser, draft):
    assert (
        begin(browser, draft, name="plan.png", size="many").json()["error"]
        == "The size of the file is missing."
    )


def test_item_17_files_on_their_way_count_for_the_quota(browser, draft, monkeypatch):
    monkeypatch.setattr("certbody.files.quota.MEGABYTE", 1)  # the quota of megabytes, counted in bytes
    assert begin(browser, draft, name="one.png", size=1500).status_code == 201
    answer = begin(browser, draft, name="two.png", size=501)
    assert answer.status_code == 422
    assert "at most 2000 MB are possible" in answer.json()["error"]


def test_item_17_files_of_a_colleague_on_their_way_count_for_the_quota(browser, draft, monkeypatch):
    monkeypatch.setattr("certbody.files.quota.MEGABYTE", 1)
    colleague = make_user()
    Membership.objects.create(organisation=draft.case.organisation, person=colleague.person)
    assert begin(browser, draft, name="one.png", size=1500).status_code == 201
    assert begin(signed_in(colleague), draft, name="two.png", size=501).status_code == 422


def test_bytes_that_the_disk_has_lost_leave_no_hole(browser, row):
    send(browser, row.pk, CONTENT[:4])
    pieces.path_of(row).unlink()
    assert send(browser, row.pk, CONTENT[4:], offset=4).status_code == 404
    assert send(browser, row.pk, CONTENT[:4]).status_code == 404


def test_item_17_only_so_many_files_are_on_their_way_at_once(browser, draft, monkeypatch):
    monkeypatch.setattr(pieces, "MOST_ON_THEIR_WAY", 1)
    assert begin(browser, draft, name="one.png", size=10).status_code == 201
    assert (
        "At most 1 files can be on their way"
        in begin(browser, draft, name="two.png", size=10).json()["error"]
    )


def test_item_18_a_name_keeps_nothing_that_could_lead_somewhere(browser, draft):
    answer = begin(browser, draft, name="../../etc/x.png", size=10)
    row = Upload.objects.get(pk=answer.json()["id"])
    send(browser, row.pk, CONTENT)
    assert row.name == "x.png"
    assert pieces.path_of(row).name == str(row.pk)


def test_without_the_token_of_the_page_nothing_is_taken(owner, row):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    assert send(browser, row.pk, CONTENT).status_code == 403


def test_half_uploaded_files_are_gone_after_a_day_and_the_bytes_with_them(
    browser, draft, row, django_capture_on_commit_callbacks
):
    send(browser, row.pk, CONTENT[:4])
    young = sent(browser, draft, picture("PNG"), name="young.png")
    Upload.objects.filter(pk=young.pk).update(created_at=clock.now() + timedelta(hours=2))
    path = pieces.path_of(row)
    with clock.at(row.created_at + pieces.LIFE - timedelta(seconds=1)):
        tidy()
    assert path.exists()
    with clock.at(row.created_at + pieces.LIFE), django_capture_on_commit_callbacks(execute=True):
        tidy()
    assert not path.exists()
    assert list(Upload.objects.all()) == [young]
    assert pieces.path_of(young).exists()


def test_bytes_that_no_row_names_are_gone_after_an_hour(row, monkeypatch):
    stray = pieces.path_of(row).with_name("stray")
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"left by a process that was killed")
    pieces.collect_old()
    assert stray.exists()
    monkeypatch.setattr(pieces, "now_of_the_disk", lambda _folder: stray.stat().st_mtime + 3601)
    assert pieces.collect_old() > 0
    assert not stray.exists()


def test_a_file_in_pieces_is_no_stored_file_before_a_form_takes_it(browser, draft):
    sent(browser, draft, picture("PNG"))
    assert not StoredFile.objects.exists()
