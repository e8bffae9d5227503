"""Leases: work that kills its worker ends, and whoever comes late changes nothing."""

import errno
from datetime import UTC, datetime, timedelta

import pytest

from certbody import clock
from certbody.accounts.roles import Role
from certbody.desk.models import Task
from certbody.outbox import sweeper
from certbody.outbox.models import Job, PromiseState
from certbody.outbox.queries import is_late
from certbody.outbox.services import handles, promise_job
from tests.kernel.bench import make_table

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, tzinfo=UTC)


class Killed(BaseException):
    """What a killed worker looks like from inside: nothing after it runs."""


def kill(_job: Job) -> None:
    raise Killed


def test_work_that_kills_its_worker_is_given_up_and_becomes_a_task() -> None:
    handles("bench.killer", kill)
    with clock.at(START):
        job = promise_job(kind="bench.killer", obj=make_table(), case=None)
    for day in range(sweeper.MOST_ATTEMPTS):
        with clock.at(START + timedelta(days=day)), pytest.raises(Killed):
            sweeper.sweep()
    with clock.at(START + timedelta(days=sweeper.MOST_ATTEMPTS)):
        assert sweeper.sweep() == sweeper.Count(failed=1, dead=1)
    job.refresh_from_db()
    assert job.state == PromiseState.DEAD
    assert Task.objects.get(kind=sweeper.GIVEN_UP).role == Role.QUALITY


@pytest.mark.parametrize("fails", [RuntimeError("too late"), OSError(errno.ENOSPC, "no room"), None])
def test_a_late_worker_changes_nothing_that_another_has_finished(fails: Exception | None) -> None:
    def be_overtaken(job: Job) -> None:
        Job.objects.filter(pk=job.pk).update(state=PromiseState.DONE, leased_until=None, error="")
        if fails:
            raise fails

    handles("bench.late", be_overtaken)
    with clock.at(clock.now() - timedelta(hours=1)):
        job = promise_job(kind="bench.late", obj=make_table(), case=None)
    assert sweeper.sweep() == sweeper.Count()
    job.refresh_from_db()
    assert (job.state, job.error) == (PromiseState.DONE, "")
    assert not Task.objects.exists()


def test_a_promise_that_nobody_looks_at_is_late() -> None:
    with clock.at(START):
        promise_job(kind="bench.late", obj=make_table(), case=None)
    assert is_late(START + timedelta(seconds=1))
    assert not is_late(START)


def test_an_outage_that_lasts_becomes_a_task_which_the_kept_promise_closes() -> None:
    """The machine failed and not the work: it is tried again for as long as that lasts, but never in silence."""
    outage = [OSError(errno.ENOSPC, "no room")]

    def write(_job: Job) -> None:
        for fault in outage:
            raise fault

    handles("bench.no_room", write)
    with clock.at(START):
        job = promise_job(kind="bench.no_room", obj=make_table(), case=None)
    for minutes in range(0, 40, 5):
        with clock.at(START + timedelta(minutes=minutes)):
            assert sweeper.sweep() == sweeper.Count(failed=1)
        waits = Task.objects.filter(kind=sweeper.LATE, closed_at=None).values_list("role", flat=True)
        assert list(waits) == ([Role.QUALITY] if minutes > 30 else [])
    outage.clear()
    with clock.at(START + timedelta(hours=1)):
        assert sweeper.sweep() == sweeper.Count(done=1)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (PromiseState.DONE, 1)
    assert not Task.objects.filter(closed_at=None).exists()


def test_whoever_lost_the_lease_does_not_give_the_work_of_another_up() -> None:
    """The last attempt took so long that another sweeper has taken the job over, and fails only then."""
    taken_over = START + timedelta(hours=1)

    def lose_it(job: Job) -> None:
        Job.objects.filter(pk=job.pk).update(leased_until=taken_over)
        raise RuntimeError("no fonts")

    handles("bench.lost", lose_it)
    with clock.at(START):
        job = promise_job(kind="bench.lost", obj=make_table(), case=None)
        Job.objects.update(attempts=sweeper.MOST_ATTEMPTS - 1)
        assert sweeper.sweep() == sweeper.Count()
    job.refresh_from_db()
    assert (job.state, job.leased_until, job.error) == (PromiseState.WAITING, taken_over, "")
    assert not Task.objects.exists()
