"""A promise survives kill -9 of the worker that was keeping it."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from certbody import clock
from certbody.outbox import sweeper
from certbody.outbox.leases import LEASE
from certbody.outbox.models import Job, PromiseState
from certbody.outbox.services import handles, promise_job
from certbody.outbox.tasks import sweep
from tests.faults.servers import database_url
from tests.kernel.bench import make_table

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


def wait_for(path: Path, worker: subprocess.Popen[bytes]) -> None:
    for _tick in range(300):
        if path.exists():
            return
        assert worker.poll() is None, "the worker ended by itself"
        time.sleep(0.1)
    pytest.fail("the worker did not begin the job")


def test_a_promise_survives_kill_minus_nine_of_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = tmp_path / "begun"
    job = promise_job(kind="bench.slow", obj=make_table(), case=None)
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "BEGUN": str(begun),
        "DJANGO_SETTINGS_MODULE": "certbody.settings",
        "CERTBODY_HOME": str(settings.CERTBODY_HOME),
    }
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "certbody",
        "worker",
        "-P",
        "solo",
        "-I",
        "tests.kernel.slow_worker",
    ]
    worker = subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        sweep.delay()
        wait_for(begun, worker)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(10)

    job.refresh_from_db()
    assert (job.state, begun.read_text()) == (PromiseState.WAITING, str(job.pk))

    kept: list[int] = []
    handles("bench.slow", lambda row: kept.append(row.pk))
    assert sweeper.sweep().done == 0, "the lease of the dead worker still runs"
    with clock.at(clock.now() + LEASE + timedelta(seconds=1)):
        assert sweeper.sweep().done == 1
    assert kept == [job.pk]
    assert Job.objects.get(pk=job.pk).state == PromiseState.DONE
