"""Item 39: the n-th write of issuing fails, once or for a while; nothing is ever half issued.

The fault is injected outside the product: a wrapper around the database connection and around the file system.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, connection, transaction

from certbody import clock
from certbody.accounts.models import Organisation, User
from certbody.accounts.roles import Role
from certbody.files.models import StoredFile
from certbody.files.storage import private_root
from certbody.outbox import sweeper
from certbody.trail.verify import chain
from certificates import checks
from certificates.models import Certificate, Decision
from tests.certificates.wholeness import nothing_is_half_issued, numbers_have_no_gap
from tests.road.certificates import quick_drawing, released_case, reserved_certificate, signed_decision
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

WRITES = ("INSERT", "UPDATE", "DELETE")
MOST_WRITES = 80
STRIDE = 3  # of the sticky faults; the single ones try every write


class FailingWrites:
    """Fails the n-th write statement, and with `sticky` every later one too."""

    def __init__(self, n: int, *, sticky: bool) -> None:
        self.n, self.sticky, self.seen = n, sticky, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(WRITES):
            self.seen += 1
            if self.seen == self.n or (self.sticky and self.seen > self.n):
                raise OperationalError("injected: this write failed")
        return execute(sql, params, many, context)

    @property
    def has_struck(self) -> bool:
        return self.seen >= self.n


@contextmanager
def failing_disk(n: int) -> Iterator[list[int]]:
    """Fails the n-th fsync or rename."""
    seen = [0]

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def failing(*args: Any, **kwargs: Any) -> Any:
            seen[0] += 1
            if seen[0] == n:
                raise OSError(errno.ENOSPC, "injected: no space left")
            return call(*args, **kwargs)

        return failing

    with (
        mock.patch.object(os, "fsync", counted(os.fsync)),
        mock.patch.object(Path, "replace", counted(Path.replace)),
    ):
        yield seen


def issue(decision: Decision, officer: User) -> None:
    reserved_certificate(decision, officer=officer)
    sweeper.sweep()


def recover(decision: Decision, officer: User) -> Certificate:
    """What happens without anybody's help, and at worst the officer pressing the button again."""
    for minutes in (0, 3, 8):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            if not Certificate.objects.filter(decision=decision).exclude(state="void").exists():
                reserved_certificate(decision, officer=officer)
            sweeper.sweep()
        if Certificate.objects.filter(decision=decision, state="valid").exists():
            break
    return Certificate.objects.exclude(state="void").get(decision=decision)


def everything_is_whole(decisions: list[Decision]) -> None:
    numbers_have_no_gap()
    assert not Certificate.objects.exclude(state__in=["valid", "void"]).exists()
    assert Certificate.objects.filter(state="valid").count() == len(decisions)
    named = set(StoredFile.objects.values_list("sha256", flat=True))
    kept = {path.stem for path in (private_root() / "sha256").rglob("*.pdf") if _is_of_this_test(path)}
    assert kept <= named
    assert list(chain()) == []
    for check in (checks.votes, checks.decisions, checks.impartiality, checks.certificates):
        assert list(check()) == []


def _is_of_this_test(path: Path) -> bool:
    codes = [code.encode() for code in Organisation.objects.values_list("credit_code", flat=True)]
    return any(code in path.read_bytes() for code in codes)


@pytest.mark.parametrize("sticky", [False, True], ids=["once", "for a while"])
def test_item_39_the_nth_write_to_the_database_fails(sticky: bool) -> None:
    officer = make_user(Role.CERTIFICATES)
    decisions, n, struck = [], 1, True
    with quick_drawing():
        while struck:
            decision = signed_decision(released_case())
            decisions.append(decision)
            fault = FailingWrites(n, sticky=sticky)
            with connection.execute_wrapper(fault), suppress(OperationalError):
                issue(decision, officer)
            struck = fault.has_struck
            nothing_is_half_issued(decision)
            assert recover(decision, officer).state == "valid"
            nothing_is_half_issued(decision)
            n += STRIDE if sticky else 1
    assert n > 30, "the flow has more writes than this: the fault was not injected where it matters"
    everything_is_whole(decisions)


def test_item_39_the_nth_write_to_the_disk_fails() -> None:
    officer = make_user(Role.CERTIFICATES)
    decisions, n, struck = [], 1, True
    with quick_drawing():
        while struck:
            decision = signed_decision(released_case())
            decisions.append(decision)
            with failing_disk(n) as seen, suppress(OSError):
                issue(decision, officer)
            struck = seen[0] >= n
            nothing_is_half_issued(decision)
            assert recover(decision, officer).state == "valid"
            nothing_is_half_issued(decision)
            n += 1
    assert n > 6
    everything_is_whole(decisions)


def test_item_39_without_the_transaction_a_failing_write_leaves_half_a_certificate() -> None:
    """Negative control: the same fault in the same steps, which keep what was done before it, does the damage."""
    officer = make_user(Role.CERTIFICATES)
    halves = []
    with quick_drawing():
        for n in range(1, MOST_WRITES):
            decision = signed_decision(released_case())
            with (
                mock.patch("certbody.workflow.transaction.atomic", _keeping_what_was_done),
                connection.execute_wrapper(FailingWrites(n, sticky=True)),
                suppress(OperationalError),
            ):
                issue(decision, officer)
            try:
                nothing_is_half_issued(decision)
            except (AssertionError, ObjectDoesNotExist):
                halves.append(n)
                break
    assert halves


ATOMIC = transaction.atomic


@contextmanager
def _keeping_what_was_done(*_args: object, **_options: object) -> Iterator[None]:
    """A transaction that keeps what was written before the fault."""
    fault = None
    with ATOMIC():
        try:
            yield
        except OperationalError as caught:
            fault = caught
    if fault is not None:
        raise fault
