"""Item 49: a stored file that was changed or is gone alarms the quality manager, at night and at the first download."""

import errno
from pathlib import Path
from queue import Queue

import pytest
from django.conf import settings
from django.test import Client

from certbody import clock
from certbody.accounts.roles import Role
from certbody.celery import application
from certbody.desk.models import Task
from certbody.files import alarms, tasks
from certbody.files.alarms import DAMAGED, check_files
from certbody.files.models import Audience, StoredFile
from certbody.files.storage import private_root, store
from certbody.outbox.models import Job
from certbody.outbox.sweeper import sweep
from tests.files.making import pdf
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def evidence(owner) -> StoredFile:
    return store(
        content=pdf(),
        name="licence.pdf",
        kind="licence",
        organisation=make_organisation(owner),
        audience=Audience.CLIENT,
    )


def change(stored: StoredFile) -> Path:
    path = private_root() / stored.path
    path.write_bytes(path.read_bytes().replace(b"%PDF", b"%pdf"))
    return path


def open_alarms() -> list[str]:
    return list(Task.objects.filter(kind=DAMAGED, closed_at=None).values_list("object_id", flat=True))


def check_all() -> None:
    assert check_files(seconds=60) is None


def test_item_49_the_nightly_check_opens_one_task_for_a_damaged_file_and_closes_it_when_it_is_well(evidence):
    sound = evidence.path
    other = store(content=b"%PDF other", name="other.pdf", kind="notes")
    path = change(evidence)
    for _night in range(2):
        check_all()
        assert open_alarms() == [str(evidence.pk)]
    task = Task.objects.get()
    assert (task.role, task.path) == (Role.QUALITY, evidence.get_absolute_url())
    path.write_bytes(pdf())
    check_all()
    assert open_alarms() == []
    assert other.path != sound


def test_item_49_a_file_that_is_gone_alarms_too(evidence):
    (private_root() / evidence.path).unlink()
    check_all()
    assert open_alarms() == [str(evidence.pk)]


def test_item_49_the_check_goes_on_where_its_time_was_up(evidence, monkeypatch):
    """Files of another night's work are not skipped: a job ends with the promise of the file that comes next."""
    for number in range(3):
        store(content=b"%%PDF %d" % number, name="more.pdf", kind="notes")
    last = StoredFile.objects.order_by("pk").last()
    change(last)
    monkeypatch.setattr(alarms, "SECONDS_AT_ONCE", -1)
    tasks.check()
    for turn in range(StoredFile.objects.count()):  # between two of them the sweeper has time for mails
        assert Job.objects.filter(state="done").count() == turn
        with clock.at(clock.now() + turn * alarms.PAUSE):
            sweep()
    begun_at = Job.objects.filter(kind=alarms.CHECK_FROM, state="done").order_by("pk")
    every_file = StoredFile.objects.order_by("pk").values_list("pk", flat=True)
    assert list(begun_at.values_list("object_id", flat=True)) == [str(pk) for pk in every_file]
    assert open_alarms() == [str(last.pk)]


def test_item_49_the_check_runs_every_night():
    (entry,) = [entry for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["task"] == "files.check"]
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({3}, {20})
    assert "files.check" in application.tasks


def test_item_49_a_refused_download_alarms_without_waiting_for_the_night(owner, evidence, monkeypatch):
    """Each refusal asks anew: what was well again in the morning may be damaged at noon."""
    asked: Queue[str] = Queue()
    monkeypatch.setattr(tasks.check_one, "delay", asked.put)
    browser = Client()
    browser.force_login(owner)
    for _time in range(2):
        path = change(evidence)
        assert browser.get(evidence.get_absolute_url()).status_code == 410
        assert open_alarms() == []  # reading changes no row
        tasks.check_one(asked.get(timeout=10))
        assert open_alarms() == [str(evidence.pk)]
        path.write_bytes(pdf())
        check_all()
        assert open_alarms() == []


def test_item_49_a_download_is_refused_without_a_broker_too(owner, evidence, monkeypatch):
    asked: Queue[str] = Queue()

    def unreachable(pk: str) -> None:
        asked.put(pk)
        raise ConnectionError

    change(evidence)
    monkeypatch.setattr(tasks.check_one, "delay", unreachable)
    browser = Client()
    browser.force_login(owner)
    for _time in range(2):  # the thread that calls the broker outlives a call that failed
        assert browser.get(evidence.get_absolute_url()).status_code == 410
        assert asked.get(timeout=10) == str(evidence.pk)


def test_item_49_a_file_that_cannot_be_read_alarms_and_holds_up_no_other(evidence, monkeypatch):
    last = store(content=b"%PDF last", name="last.pdf", kind="notes")
    (private_root() / last.path).unlink()
    real = alarms.read
    first = StoredFile.objects.order_by("pk").first()

    def read(stored: StoredFile) -> bytes:
        if stored.pk == first.pk:
            raise OSError(errno.EIO, "bad block")
        return real(stored)

    monkeypatch.setattr(alarms, "read", read)
    check_all()
    assert set(open_alarms()) == {str(first.pk), str(last.pk)}


def test_item_49_a_storage_that_does_not_answer_is_an_outage_and_no_damage(evidence, monkeypatch):
    def read(_stored: StoredFile) -> bytes:
        raise OSError(errno.EIO, "the share is gone")

    monkeypatch.setattr(alarms, "read", read)
    monkeypatch.setattr(alarms, "private_root", lambda: private_root() / "gone")
    tasks.check()
    assert sweep().failed == 1
    assert open_alarms() == []
    tasks.check()  # the next night begins no second chain beside the one that waits
    assert Job.objects.count() == 1


def test_item_49_the_quality_manager_reads_what_to_do_at_the_desk(evidence):
    change(evidence)
    alarms.check_file(evidence, is_known=False)
    browser = Client()
    browser.force_login(make_user(Role.QUALITY))
    assert (
        "A stored file is damaged or gone: restore it from the backup"
        in browser.get("/desk/").content.decode()
    )
    private = store(content=b"%PDF of the body", name="notes.pdf", kind="notes")
    change_of_the_body = private_root() / private.path
    change_of_the_body.unlink()
    page = browser.get(private.get_absolute_url())
    assert page.status_code == 410
    assert private.path in page.content.decode()
