"""Item 40: web, worker or both are killed at random moments while certificates are being issued.

`CERTBODY_NIGHTLY=1` kills fifty times and waits for the recovery that the scheduler brings by itself; otherwise a few
rounds are killed, and the recovery is taken in this process with the clock set behind the leases of the dead.
"""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail

from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.files.models import StoredFile
from certbody.files.storage import private_root, read
from certbody.outbox import sweeper
from certbody.outbox.leases import LEASE, LEASE_OF_MAIL
from certbody.outbox.models import Job, Message, PromiseState
from certbody.trail.verify import chain
from certificates import checks
from certificates.models import Certificate, Decision
from tests.certificates.wholeness import nothing_is_half_issued, numbers_have_no_gap
from tests.environment import IS_NIGHTLY
from tests.faults.history import History, Verdict, judge, print_figures
from tests.faults.servers import Site, Visitor, hidden_fields, running_site
from tests.kernel.pages import signed_in
from tests.road.certificates import released_case, signed_decision
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

ROUNDS = 50 if IS_NIGHTLY else 2
# Seconds after the last restart, and how much longer the test waits: a bound of time only watches over a busy machine,
# the figures that count are printed.
RECOVERY, MAILS, PATIENCE = 60, 120, 10
VICTIMS = (("web", "worker"), ("worker",), ("web",))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    for message in (settings.CERTBODY_HOME / "queue" / "messages").glob("*"):
        message.unlink()  # what the tests before this one woke a sweeper for
    with running_site(tmp_path, scheduler=IS_NIGHTLY) as running:
        yield running


def session_of(user: User) -> str:
    session: str = signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
    return session


def issue(visitor: Visitor, decision: int, fields: dict[str, str], history: History) -> None:
    began = time.monotonic()
    try:
        answer = visitor.post(f"/desk/decisions/{decision}/issue/", fields)
    except (OSError, http.client.HTTPException):
        history.note(decision, began, "info")
        return
    is_done = answer.status == 302 and "/desk/certificates/" in answer.headers["Location"]
    result = "info" if answer.status >= 500 else "fail"
    history.note(decision, began, "ok" if is_done else result)


def fields_for(visitor: Visitor, decision: int) -> dict[str, str]:
    page = visitor.get(f"/desk/decisions/{decision}/").text
    return hidden_fields(page, f"/desk/decisions/{decision}/issue/")


def wait_for_the_worker(site: Site) -> None:
    """Until this worker, not a dead one before it, holds a job; or as long as a busy machine needs to start it."""
    for _tick in range(300):
        if Job.objects.filter(
            state=PromiseState.WAITING, leased_until__gt=site.worker.started_at + LEASE
        ).exists():
            return
        time.sleep(0.1)


def kill_and_restart(site: Site, victims: tuple[str, ...], chance: random.Random) -> None:
    if chance.random() < 0.4:
        time.sleep(chance.uniform(0, 0.2))  # in the request
    else:
        wait_for_the_worker(site)
        time.sleep(chance.uniform(0, 1.5))  # in the drawing
    for victim in victims:
        getattr(site, victim).kill()
    for victim in victims:
        getattr(site, victim).start()
    site.wait_for_web()


def press_again(visitor: Visitor, sent: dict[int, dict[str, str]], history: History) -> None:
    """Whoever got no answer sends the same form once more, as the page of an outage offers."""
    for decision, fields in sent.items():
        if history.results_of(decision) == {"info"}:
            issue(visitor, decision, fields, history)


def all_issued() -> bool:
    return not Certificate.objects.filter(state="reserved").exists()


def all_settled() -> bool:
    waiting = {"state": PromiseState.WAITING}
    return not (Job.objects.filter(**waiting).exists() or Message.objects.filter(**waiting).exists())


def unsettled() -> list[str]:
    """What waits and why, for whoever looks into a failure."""
    return [
        f"{row} {row.leased_until} {row.attempts} {row.next_try_at} {row.error}"
        for model in (Job, Message)
        for row in model._default_manager.filter(state=PromiseState.WAITING)
    ]


def recover(site: Site) -> tuple[float, float]:
    """Seconds from the last restart until every certificate is issued, and until every mail is sent as well.

    Measured only where nobody moves the clock.
    """
    if IS_NIGHTLY:
        began = time.monotonic()
        while not all_issued() and time.monotonic() - began < RECOVERY * PATIENCE:
            time.sleep(0.1)
        issued = time.monotonic() - began
        while not all_settled() and time.monotonic() - began < MAILS * PATIENCE:
            time.sleep(0.1)
        assert all_settled(), unsettled()
        return issued, time.monotonic() - began
    site.stop()
    for minutes in (0, 3):
        with clock.at(clock.now() + LEASE_OF_MAIL + timedelta(minutes=minutes)):
            sweeper.sweep()
    assert all_issued()
    assert all_settled()
    return 0.0, 0.0


def mails_by_message_id() -> Counter[str]:
    files = [path.read_bytes().split(b"\n" + b"-" * 79) for path in settings.EMAIL_FILE_PATH.glob("*.log")]
    texts = [text.strip() for parts in files for text in parts if text.strip()]
    found = Counter(message_from_bytes(text)["Message-ID"] for text in texts)
    found.update(message.extra_headers["Message-ID"] for message in mail.outbox)
    return found


def everything_is_whole(history: History, decisions: list[Decision]) -> tuple[Verdict, int]:
    """Judge what is there by what was acknowledged; returns the verdict and how many are half."""
    found = Counter(Certificate.objects.filter(state="valid").values_list("decision_id", flat=True))
    halves = 0
    for decision in decisions:
        try:
            nothing_is_half_issued(decision)
        except AssertionError:
            halves += 1
    numbers_have_no_gap()
    for stored in StoredFile.objects.all():
        assert read(stored)
    sent = mails_by_message_id()
    for message in Message.objects.all():
        assert message.state == PromiseState.DONE
        assert 1 <= sent[message.message_id] <= 2, f"{message}: sent {sent[message.message_id]} times"
    assert list(chain()) == []
    for check in (checks.votes, checks.decisions, checks.certificates):
        assert list(check()) == []
    return judge(history, found), halves


@pytest.mark.nightly
def test_item_40_nothing_acknowledged_is_lost_or_doubled_by_kill_minus_nine(site: Site) -> None:
    chance = random.Random(40)
    officer = make_user(Role.CERTIFICATES)
    visitor = Visitor(site, session_of(officer))
    decisions = [signed_decision(released_case()) for _round in range(ROUNDS)]
    sent = {decision.pk: fields_for(visitor, decision.pk) for decision in decisions}
    history = History()
    for number, decision in enumerate(decisions):
        click = threading.Thread(target=issue, args=(visitor, decision.pk, sent[decision.pk], history))
        click.start()
        kill_and_restart(site, VICTIMS[number % len(VICTIMS)], chance)
        click.join()
        press_again(visitor, sent, history)
    backlog = Certificate.objects.filter(state="reserved").count()
    issued_after, sent_after = recover(site)
    verdict, halves = everything_is_whole(history, decisions)
    print_figures(
        40,
        rounds=ROUNDS,
        acknowledged=verdict.acknowledged,
        unknown=sum(entry.result == "info" for entry in history.entries),
        lost=len(verdict.lost),
        doubled=len(verdict.doubled),
        half=halves,
        backlog=backlog,
        worst_s=round(issued_after, 1),
        mails_s=round(sent_after, 1),
    )
    assert verdict.is_clean, verdict
    assert (verdict.acknowledged, halves) == (ROUNDS, 0)
    assert issued_after <= RECOVERY * PATIENCE
    assert sent_after <= MAILS * PATIENCE
    assert {path.stem for path in (private_root() / "sha256").rglob("*.pdf")} >= set(
        StoredFile.objects.values_list("sha256", flat=True)
    )
