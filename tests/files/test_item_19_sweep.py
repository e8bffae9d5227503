"""Item 19: the nightly sweep over stored files is bounded, goes on where it was, and an outage changes nothing."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from certbody import clock
from certbody.accounts.models import User
from certbody.body.models import BodySetting
from certbody.celery import application as worker
from certbody.files import rescans, scanner, tasks
from certbody.files.models import Quarantine, Scan, StoredFile
from certbody.files.storage import private_root, store
from certbody.outbox import sweeper
from certbody.outbox.models import Job
from tests.applications.conftest import signed_in
from tests.files.clamd import judged
from tests.files.making import picture
from tests.files.nights import CLEAN, night, open_tasks
from tests.road.applications import begun_application
from tests.road.people import make_person

pytestmark = pytest.mark.django_db


def limit(key: str, value: int) -> None:
    BodySetting.objects.create(key=key, value=value, source="test", set_by=make_person())


def files(count: int, owner: User) -> list[StoredFile]:
    """Small files of an organisation, as if people had uploaded them."""
    draft = begun_application(owner)
    return [
        store(content=b"%%PDF %d" % one, name="a.pdf", kind="notes", case=draft.case, uploaded_by=owner)
        for one in range(count)
    ]


def test_item_19_the_sweep_runs_every_night():
    (entry,) = [one for one in settings.CELERY_BEAT_SCHEDULE.values() if one["task"] == "files.scan"]
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({1}, {40})
    assert "files.scan" in worker.tasks


def test_item_19_a_file_that_stays_clean_stays_open_and_what_the_body_made_is_not_asked_about(
    scanning, client_user
):
    (stored,) = files(1, client_user)
    store(content=b"%PDF of the body", name="own.pdf", kind="notes", case=stored.case)
    for days in range(2):
        with scanning(judged), clock.at(clock.now() + timedelta(days=days)):
            night()
            (row,) = Scan.objects.all()
            assert (row.infection, row.scanned_at.date()) == ("", clock.now().date())
    assert signed_in(client_user).get(stored.get_absolute_url()).status_code in {200, 404}
    assert not Quarantine.objects.exists()


def test_item_19_the_longest_ago_comes_first_and_a_day_has_its_bound(scanning, client_user):
    asked: list[bytes] = []

    def remember(content: bytes) -> bytes:
        if content != b"certbody":
            asked.append(content)
        return CLEAN

    files(5, client_user)
    limit("rescanned_files_a_day", 2)
    with scanning(remember):
        for days in range(3):
            with clock.at(clock.now() + timedelta(days=days)):
                night()
                night()  # whoever starts it twice a day scans no more
                assert len(asked) == 2 * (days + 1)
    assert len(set(asked[:5])) == 5
    assert asked[5] == asked[0]


def test_item_19_the_sweep_goes_on_where_it_was_interrupted(scanning, client_user, monkeypatch):
    files(3, client_user)
    monkeypatch.setattr(rescans, "SECONDS_AT_ONCE", -1)
    with scanning(judged):
        tasks.scan()
        tasks.scan()  # the next night begins no second chain beside the one that waits
        for turn in range(3):
            (job,) = Job.objects.filter(kind=rescans.SCAN_ON, state="waiting")
            rescans.scan_on(job)
            Job.objects.filter(pk=job.pk).update(state="done")
            assert Scan.objects.exclude(scanned_at=None).count() == turn + 1
    assert not Job.objects.filter(kind=rescans.SCAN_ON, state="waiting").exists()


def test_item_19_without_a_scanner_nothing_is_promised(client_user, settings):
    files(1, client_user)
    settings.CERTBODY_CLAMD = ""
    tasks.scan()
    assert not Job.objects.filter(kind=rescans.SCAN_ON).exists()
    assert not Scan.objects.exists()


def test_item_19_a_scanner_that_is_down_changes_nothing_but_alarms_and_the_sweep_goes_on_later(
    scanning, client_user, settings, security_log
):
    files(2, client_user)
    settings.CERTBODY_CLAMD = "127.0.0.1:9"
    tasks.scan()
    Job.objects.exclude(kind=rescans.SCAN_ON).delete()
    assert sweeper.sweep().failed == 1
    assert (Quarantine.objects.count(), Scan.objects.exclude(scanned_at=None).count()) == (0, 0)
    assert len(security_log.lines("virus scanner down")) == 1
    job = Job.objects.get(kind=rescans.SCAN_ON)
    assert (job.state, job.attempts) == ("waiting", 0)  # the machine is to blame, the attempt is not counted
    with clock.at(clock.now() + timedelta(minutes=31)):
        sweeper.sweep()
        assert open_tasks(sweeper.LATE) == {"role quality"}
    assert len(security_log.lines("virus scanner down")) == 1
    with scanning(judged), clock.at(clock.now() + timedelta(minutes=33)):
        assert sweeper.sweep().failed == 0
        assert open_tasks(sweeper.LATE) == set()
    assert Scan.objects.exclude(scanned_at=None).count() == 2


def test_item_19_a_file_on_which_the_scanner_hangs_holds_up_no_other(
    scanning, client_user, monkeypatch, security_log
):
    first = files(3, client_user)[0]
    content = (private_root() / first.path).read_bytes()
    assert scanner.LONGEST_CALL + scanner.LONGEST_PROBE <= 30
    monkeypatch.setattr(scanner._ask, "__kwdefaults__", {"seconds": 0.3})
    over = threading.Event()

    def hang(seen: bytes) -> bytes:
        if seen == content:
            over.wait(0.6)
        return CLEAN

    with scanning(hang):
        night()
        over.set()
    row = Scan.objects.get(sha256=first.sha256)
    assert (row.scanned_at, row.tried_on) == (None, clock.today())
    assert Scan.objects.exclude(scanned_at=None).count() == 2
    assert len(security_log.lines("file not scanned")) == 1
    assert not Quarantine.objects.exists()


def test_item_19_a_scanner_that_hangs_over_everything_is_one_that_is_down(scanning, client_user, monkeypatch):
    files(1, client_user)
    tasks_of_the_night = threading.Event()
    monkeypatch.setattr(scanner, "LONGEST_PROBE", 0.2)
    with scanning(lambda _content: b"" if tasks_of_the_night.wait(0.5) else CLEAN):
        assert scanner.answers()
        tasks.scan()
        job = Job.objects.get(kind=rescans.SCAN_ON)
        with pytest.raises(scanner.ScannerDown):
            rescans.scan_on(job)
        tasks_of_the_night.set()
    assert Scan.objects.get().tried_on is None


def test_item_19_a_damaged_file_is_left_to_the_check_of_files(scanning, client_user):
    damaged, sound = files(2, client_user)
    (private_root() / damaged.path).unlink()
    with scanning(judged):
        night()
    assert Scan.objects.get(sha256=damaged.sha256).scanned_at is None
    assert Scan.objects.get(sha256=sound.sha256).scanned_at is not None


def test_item_19_an_upload_that_was_scanned_when_it_came_is_not_the_first_of_the_next_night(
    scanning, client_user
):
    draft = begun_application(client_user)
    address = reverse("applications:document", args=[draft.case.reference, "profile"])
    with scanning(judged):
        answer = signed_in(client_user).post(
            address, {"upload": SimpleUploadedFile("plan.png", picture("PNG"))}
        )
    assert answer.status_code == 302
    (row,) = Scan.objects.all()
    assert row.sha256 == draft.documents.get().file.sha256
    assert row.scanned_at is not None
