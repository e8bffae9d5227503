"""Item 42: Redis is emptied, frozen, stopped and restarted, workers are killed; two workers meet at one row.

The broker only wakes the sweeper: without it the web loses speed and nothing else, and every promise is kept once.
"""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from certbody import clock
from certbody.accounts.roles import Role
from certbody.outbox import sweeper
from certbody.outbox.leases import LEASE, LEASE_OF_MAIL, LeaseLost, claimed, held, renew
from certbody.outbox.models import Job, Message, PromiseState
from certbody.outbox.services import handles, promise_job
from certificates.models import Certificate
from tests.faults.clusters import Redis, own_redis
from tests.faults.history import print_figures
from tests.faults.servers import Visitor, hidden_fields, running_site, until
from tests.kernel.bench import make_table
from tests.kernel.pages import signed_in
from tests.kernel.threads import at_once
from tests.road.certificates import released_case, signed_decision
from tests.road.people import make_user

only_redis = pytest.mark.skipif(connection.vendor != "postgresql", reason="the embedded default has no Redis")
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


@pytest.fixture
def redis() -> Iterator[Redis]:
    with own_redis() as running:
        yield running


def issue(visitor: Visitor, decision: int) -> float:
    """Issue through the web; returns how long the answer took."""
    page = visitor.get(f"/desk/decisions/{decision}/").text
    path = f"/desk/decisions/{decision}/issue/"
    began = time.monotonic()
    answer = visitor.post(path, hidden_fields(page, path))
    assert answer.status == 302, answer.text
    return time.monotonic() - began


def all_issued(number: int) -> bool:
    return Certificate.objects.filter(state="valid").count() == number


@only_redis
def test_item_42_redis_flushed_frozen_stopped_and_back(tmp_path: Path, redis: Redis) -> None:
    decisions = [signed_decision(released_case()).pk for _number in range(4)]
    session: str = signed_in(make_user(Role.CERTIFICATES)).cookies[settings.SESSION_COOKIE_NAME].value
    with running_site(tmp_path, worker=False, environment={"CELERY_BROKER_URL": redis.url}) as site:
        visitor = Visitor(site, session)
        issue(visitor, decisions[0])
        assert redis.ask("FLUSHALL") == "OK"
        assert redis.running is not None
        redis.running.send_signal(signal.SIGSTOP)
        frozen = issue(visitor, decisions[1])
        redis.running.send_signal(signal.SIGCONT)
        redis.kill()
        stopped = issue(visitor, decisions[2])
        redis.start()
        site.worker.start()
        issue(visitor, decisions[3])
        recovered = until(lambda: all_issued(4) and all_sent(), "every promise", 90)
    print_figures(
        42,
        promises=Job.objects.count() + Message.objects.count(),
        frozen_s=round(frozen, 1),
        stopped_s=round(stopped, 1),
        recovered_s=round(recovered, 1),
        lost=0,
    )
    assert max(frozen, stopped) < 5, "whoever works does not wait for the broker"
    assert max(mails_by_certificate().values()) == 1


def all_sent() -> bool:
    return not Message.objects.filter(state=PromiseState.WAITING).exists()


def mails_by_certificate() -> Counter[str]:
    return Counter(Message.objects.filter(kind="certificate.issued").values_list("object_id", flat=True))


@pytest.mark.race
def test_item_42_two_sweepers_on_one_row_keep_the_promise_once() -> None:
    kept: list[int] = []

    def keep(job: Job) -> None:
        time.sleep(0.02)
        kept.append(job.pk)

    handles("bench.kept", keep)
    jobs = [promise_job(kind="bench.kept", obj=make_table(), case=None).pk for _number in range(5)]
    results = at_once([sweeper.sweep] * 4)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert sorted(kept) == jobs


@pytest.mark.race
def test_item_42_without_the_lease_two_sweepers_keep_it_twice() -> None:
    """Negative control: whoever looks and then acts does what the other does too."""
    kept: list[int] = []
    job = promise_job(kind="bench.twice", obj=make_table(), case=None)

    def keep_naively() -> None:
        if Job.objects.get(pk=job.pk).state == PromiseState.WAITING:
            time.sleep(0.05)
            kept.append(job.pk)
            Job.objects.filter(pk=job.pk).update(state=PromiseState.DONE)

    at_once([partial(keep_naively)] * 4)
    assert len(kept) > 1


def test_a_job_of_several_acts_holds_on_to_its_lease_and_notices_that_it_lost_it() -> None:
    job = promise_job(kind="bench.long", obj=make_table(), case=None)
    row = claimed(Job, job.pk)
    assert isinstance(row, Job)
    with clock.at(clock.now() + LEASE - timedelta(seconds=1)):
        renew(row)
    with clock.at(clock.now() + LEASE + timedelta(seconds=10)):
        assert claimed(Job, job.pk) is None, "it was renewed"
    with clock.at(clock.now() + 3 * LEASE):
        assert claimed(Job, job.pk) is not None, "it ended at last"
        with pytest.raises(LeaseLost):
            renew(row)
        assert not held(row).exists()


def test_the_leases_let_work_begin_again_in_the_promised_time() -> None:
    turn = timedelta(seconds=settings.CELERY_BEAT_SCHEDULE["sweep"]["schedule"])
    assert LEASE + turn < timedelta(seconds=60)
    assert LEASE_OF_MAIL + turn < timedelta(seconds=120)
