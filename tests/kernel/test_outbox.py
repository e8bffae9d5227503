"""Promises: one row each, kept at least once, never twice at the same time."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue

import pytest
from django.core import mail
from django.test import override_settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from certbody import clock
from certbody.outbox import services, sweeper, tasks, waking
from certbody.outbox.leases import LEASE
from certbody.outbox.models import Job, Message, PromiseState
from certbody.outbox.services import handles, promise_job, promise_message, quietly
from tests.kernel.bench import make_table

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mail_of_the_bench(tmp_path: Path, settings: object) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "bench.txt").write_text("Case {{ facts.number }}\n\nLook at {{ address }}{{ path }}\n")
    templates = [dict(engine) for engine in settings.TEMPLATES]  # type: ignore[attr-defined]
    templates[0]["DIRS"] = [tmp_path, *templates[0]["DIRS"]]
    settings.TEMPLATES = templates  # type: ignore[attr-defined]


def promise(**changes: object) -> Message:
    facts: dict[str, object] = {
        "kind": "bench",
        "obj": make_table(),
        "case": None,
        "recipient": "client@example.org",
        "language": "en",
        "context": {"path": "/look/", "facts": {"number": "7\r\nBcc: thief@example.org"}},
    }
    return promise_message(**(facts | changes))  # type: ignore[arg-type]


def test_a_promised_mail_goes_out_once() -> None:
    message = promise()
    assert sweeper.sweep() == sweeper.Count(done=1)
    assert sweeper.sweep() == sweeper.Count()
    (sent,) = mail.outbox
    assert (sent.to, sent.extra_headers["Message-ID"]) == (["client@example.org"], message.message_id)
    message.refresh_from_db()
    assert message.state == PromiseState.DONE


def test_a_sweep_that_took_long_stops_and_calls_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    promise()
    woken: list[bool] = []
    with monkeypatch.context() as patch:
        patch.setattr(sweeper, "LONGEST_SWEEP", -1)
        patch.setattr(sweeper, "wake_after_commit", lambda: woken.append(True))
        assert sweeper.sweep() == sweeper.Count()
    assert (woken, mail.outbox) == ([True], [])
    assert sweeper.sweep() == sweeper.Count(done=1)


def test_a_line_break_in_a_fact_forges_no_header() -> None:
    promise()
    sweeper.sweep()
    assert set(mail.outbox[0].message().keys()) & {"Bcc", "bcc"} == set()


def test_the_same_promise_is_one_row() -> None:
    table = make_table()
    assert promise(obj=table).pk == promise(obj=table).pk


def test_a_failed_job_is_tried_again_later_and_given_up_in_the_end() -> None:
    def break_down(_job: Job) -> None:
        raise RuntimeError("no fonts")

    handles("bench.break", break_down)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with clock.at(start):
        job = promise_job(kind="bench.break", obj=make_table(), case=None)
        assert sweeper.sweep() == sweeper.Count(failed=1)
        assert sweeper.sweep() == sweeper.Count()
    for day in range(1, sweeper.MOST_ATTEMPTS):
        with clock.at(start + timedelta(days=day)):
            sweeper.sweep()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == (
        PromiseState.DEAD,
        sweeper.MOST_ATTEMPTS,
        "RuntimeError: no fonts",
    )


def test_bulk_work_wakes_nobody_until_it_is_over(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(services.waker, "wake", lambda: woken.append("woken"))
    with quietly(), django_capture_on_commit_callbacks(execute=True):
        services.wake_after_commit()
    assert woken == []
    with pytest.raises(RuntimeError), quietly():
        raise RuntimeError("the bulk work broke off")
    with django_capture_on_commit_callbacks(execute=True):
        services.wake_after_commit()
    assert woken == ["woken"]


def test_a_process_that_was_forked_wakes_by_a_thread_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fork leaves the parent's thread behind; the child would wait for ever for one that does not run."""
    calls: Queue[int | None] = Queue()
    monkeypatch.setattr(waking, "send", lambda: calls.put(threading.get_ident()))
    waker = waking.Waker()
    waker.wake()
    first = calls.get(timeout=10)
    waker.wake()
    assert calls.get(timeout=10) == first
    monkeypatch.setattr(waking.os, "getpid", lambda: 1)
    waker.wake()
    assert calls.get(timeout=10) != first


def test_a_leased_promise_is_left_alone_until_the_lease_ends() -> None:
    done: list[int] = []
    handles("bench.lease", lambda job: done.append(job.pk))
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with clock.at(start):
        job = promise_job(kind="bench.lease", obj=make_table(), case=None)
        Job.objects.update(leased_until=start + LEASE)
        sweeper.sweep()
        assert done == []
    with clock.at(start + LEASE + timedelta(seconds=1)):
        sweeper.sweep()
    assert done == [job.pk]


def test_a_broker_that_is_down_breaks_no_page_and_loses_no_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    refused: Queue[str] = Queue()

    def refuse() -> None:
        refused.put("sweep")
        raise ConnectionError("no broker")

    promise()
    monkeypatch.setattr(tasks.sweep, "delay", refuse)
    waker = waking.Waker()
    for _call in range(2):  # its thread outlives a call that failed
        waker.wake()
        assert refused.get(timeout=10) == "sweep"
    assert sweeper.sweep() == sweeper.Count(done=1)


@override_settings(DEFAULT_FROM_EMAIL="certbody <noreply@body.example>")
def test_the_message_id_names_the_body() -> None:
    assert promise().message_id.endswith("@body.example>")
