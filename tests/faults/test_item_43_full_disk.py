"""Item 43: the disk is full or read-only in the middle of an upload, a drawing, a write of the database or of the log.

Whoever asked reads a sentence, no row is left without its file and no file without its row, and nobody has to start
anything again when there is room.
"""

import gc
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from applications.models import ApplicationDocument
from certbody import clock
from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.files.models import StoredFile
from certbody.files.storage import private_root
from certbody.logs import SteadyFileHandler
from certbody.outbox import sweeper
from certbody.outbox.models import Job, PromiseState
from certbody.trail.models import Event
from certbody.trail.verify import chain
from certificates import tasks
from certificates.states import CertificateState
from tests.certificates.tampering import sql_trigger
from tests.faults.disks import make_read_only, no_file_longer_than, small_disk
from tests.faults.history import print_figures
from tests.files.kit import pdf
from tests.kernel.bench import make_table
from tests.kernel.pages import address, open_bench, signed_in, submission
from tests.road.applications import begun_application
from tests.road.certificates import quick_drawing, reserved_certificate
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

LARGE = 8_000_000  # bytes of an upload that does not fit; the database of the tests is smaller


def kept_files() -> set[Path]:
    return {path for path in private_root().rglob("*") if path.is_file()}


def large_upload() -> SimpleUploadedFile:
    return SimpleUploadedFile(
        "report.pdf", pdf() + b"\n%" + os.urandom(8).hex().encode() + b"x" * LARGE + b"\n%%EOF\n"
    )


@contextmanager
def a_database_without_room() -> Iterator[None]:
    """On SQLite its file cannot grow; PostgreSQL says what it says of a full disk, from a trigger."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with no_file_longer_than(4096):
            yield
        return
    body = (
        "BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END"
    )
    with sql_trigger("no_room", "trail_event", body):
        yield


def note(client: Client, table: ScoringTable, sent: dict[str, str]) -> Any:
    return client.post(address(table, "note"), sent)


def test_item_43_a_step_on_a_full_database_is_refused_as_a_whole_and_taken_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_bench(monkeypatch)
    table, sent = make_table(), submission()
    client = signed_in(make_user(Role.QUALITY), raise_request_exception=False)
    client.get("/desk/")  # the session is touched once a minute
    with a_database_without_room():
        answer = note(client, table, sent)
        page = client.get("/desk/")
    assert answer.status_code in {503, 507}
    assert sent["remark"] in answer.text
    assert page.status_code == 200, "what is there can still be read"
    table.refresh_from_db()
    assert table.remark == ""
    assert not Event.objects.filter(name="bench.noted").exists()
    assert note(client, table, sent).status_code == 302
    assert Event.objects.filter(name="bench.noted").count() == 1
    assert list(chain()) == []


# Python writes what is left in the buffer of Django's upload once more when it forgets the file
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("in_memory", [1_000_000, 10_000_000], ids=["receiving", "keeping"])
def test_item_43_an_upload_that_does_not_fit_leaves_neither_row_nor_file(
    in_memory: int, settings: Any, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = in_memory  # a larger upload is received into a file
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    client_user = make_user()
    draft = begun_application(client_user)
    browser = signed_in(client_user, raise_request_exception=False)
    path = f"/portal/applications/{draft.case.reference}/documents/profile/"
    browser.get(path)
    before = kept_files()
    with no_file_longer_than(LARGE):
        answer = browser.post(path, {"upload": large_upload(), "number": "A-1"})
        status, page = answer.status_code, answer.text
        del answer  # with it goes the request, which holds what was received
        gc.collect()
    assert status == 507
    assert "Our storage is full" in page
    assert "Please go back with your browser" in page
    assert list(tmp_path.iterdir()) == []
    assert kept_files() == before
    assert not ApplicationDocument.objects.exists()
    assert not StoredFile.objects.exists()
    assert browser.post(path, {"upload": large_upload(), "number": "A-1"}).status_code == 302
    stored = StoredFile.objects.get()
    assert {file.stem for file in kept_files() - before} == {stored.sha256}


def draw_a_large_one(manifest: dict[str, object], language: str) -> bytes:
    return f"%PDF-1.7 {manifest['number']} {language}".encode() + b"x" * LARGE


def test_item_43_drawing_waits_for_room_and_costs_the_number_nothing() -> None:
    certificate = reserved_certificate()
    job = Job.objects.get(object_id=str(certificate.pk))
    before = kept_files()
    with quick_drawing(), mock.patch.object(tasks, "render_certificate", draw_a_large_one):
        with no_file_longer_than(LARGE):
            for minutes in range(4):
                with clock.at(clock.now() + timedelta(minutes=minutes)):
                    assert sweeper.sweep().failed == 1
        certificate.refresh_from_db()
        job.refresh_from_db()
        assert (certificate.state, certificate.attempts) == (CertificateState.RESERVED, 0)
        assert (job.state, job.attempts) == (PromiseState.WAITING, 0)
        assert kept_files() == before
        with clock.at(clock.now() + timedelta(minutes=5)):
            sweeper.sweep()
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.VALID
    kept = {file.stem for file in kept_files() - before}
    named = set(StoredFile.objects.filter(kind="certificate").values_list("sha256", flat=True))
    print_figures(43, voided=0, rows_without_file=len(named - kept), files_without_row=len(kept - named))
    assert kept == named


def test_item_43_a_read_only_storage_says_so_and_readiness_turns_red(tmp_path: Path, settings: Any) -> None:
    client_user = make_user()
    draft = begun_application(client_user)
    browser = signed_in(client_user, raise_request_exception=False)
    path = f"/portal/applications/{draft.case.reference}/documents/profile/"
    with small_disk(tmp_path / "files", "4m") as folder:
        settings.STORAGES = settings.STORAGES | {
            "private": {**settings.STORAGES["private"], "OPTIONS": {"location": folder}}
        }
        assert browser.get("/readyz").status_code == 200
        make_read_only(folder)
        answer = browser.post(path, {"upload": SimpleUploadedFile("a.pdf", pdf()), "number": "A-1"})
        assert answer.status_code == 503
        assert "does not accept anything" in answer.text
        assert browser.get("/readyz").status_code == 503
        assert not StoredFile.objects.exists()
        make_read_only(folder, read_only=False)
        assert browser.post(path, {"upload": SimpleUploadedFile("a.pdf", pdf())}).status_code == 302
        assert browser.get("/readyz").status_code == 200


def test_item_43_readiness_turns_red_before_the_disk_is_full(
    client: Client, tmp_path: Path, settings: Any
) -> None:
    with small_disk(tmp_path / "files", "1m") as folder:
        settings.STORAGES = settings.STORAGES | {
            "private": {**settings.STORAGES["private"], "OPTIONS": {"location": folder}}
        }
        assert client.get("/readyz").status_code == 200
        (folder / "ballast").write_bytes(b"x" * 1_000_000)
        assert shutil.disk_usage(folder).free > 0
        assert client.get("/readyz").status_code == 503
        (folder / "ballast").unlink()
        assert client.get("/readyz").status_code == 200


@pytest.fixture
def full_logs(settings: Any) -> Iterator[Path]:
    """Whatever is written to a log meets a full disk; the handlers open a log anew when it was moved."""
    logs = settings.CERTBODY_HOME / "logs"
    names = ("application.log", "security.log")
    for name in names:
        (logs / name).unlink(missing_ok=True)
        (logs / name).symlink_to("/dev/full")
    yield logs
    for name in names:
        (logs / name).unlink()


def test_item_43_a_log_that_cannot_be_written_stops_no_page_and_no_step(
    client: Client, full_logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_bench(monkeypatch)
    table, sent = make_table(), submission()
    assert client.get("/register/EX26SC99999R1/").status_code == 404
    assert note(signed_in(make_user(Role.PLANNER)), table, sent).status_code == 403
    assert note(signed_in(make_user(Role.QUALITY)), table, sent).status_code == 302
    with pytest.raises(OSError, match="No space left"), (full_logs / "security.log").open("a") as log:
        log.write("the control: nothing can be written here")


def test_item_43_a_log_whose_folder_is_gone_loses_its_lines_and_goes_on_when_it_is_back(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "logs"
    handler = SteadyFileHandler(folder / "application.log", delay=True)
    for line in ("lost", "lost too"):
        handler.emit(logging.makeLogRecord({"msg": line}))
    folder.mkdir()
    handler.emit(logging.makeLogRecord({"msg": "written"}))
    handler.close()
    assert (folder / "application.log").read_text() == "written\n"
