"""Stored files are looked through again: what was clean by last year's signatures may be known as malicious today.

Everything that people uploaded is scanned again and again, the longest ago first, so many files a day as the body's
setting allows. Work goes on in short jobs, and how far it came stands in the rows of `Scan`: whatever interrupts it
costs at most one file.
"""

import time
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from certbody import clock
from certbody.body.settings_catalogue import setting
from certbody.files import scanner
from certbody.files.alarms import PAUSE
from certbody.files.models import Quarantine, Scan, StoredFile
from certbody.files.quarantine import in_quarantine
from certbody.files.states import CLOSED
from certbody.files.storage import FileChanged, read
from certbody.files.transitions import HOLD
from certbody.outbox.models import Job, PromiseState
from certbody.outbox.services import handles, promise_job, wake_after_commit
from certbody.security_log import note
from certbody.workflow import WrongState, perform

SCAN_ON = "files.scan_on"
SECONDS_AT_ONCE = 10  # with the longest call to the scanner less than the lease of a job
READ_AT_ONCE = 100


def promise_scans() -> None:
    """Promise that the files of today are scanned; nothing without a scanner, or while it goes on already."""
    if not scanner.is_configured() or Job.objects.filter(kind=SCAN_ON, state=PromiseState.WAITING).exists():
        return
    _list_new_ones()
    if following := _following(1):
        _promise(following[0])


def scan_on(job: Job) -> None:
    """Scan for a few seconds, then promise the rest. Raises ScannerDown: the sweeper comes again until it answers."""
    if not scanner.is_configured():
        return
    if not scanner.judges():
        if not job.error:  # once, not at every attempt
            note("virus scanner down", user=None, result="failed")
        raise scanner.ScannerDown("the scanner gives no clear word about harmless bytes")
    _hold_copies()
    end = time.monotonic() + SECONDS_AT_ONCE
    is_first = True
    while rows := _following(READ_AT_ONCE):
        for row in rows:
            if not is_first and time.monotonic() > end:
                _promise(row, not_before=clock.now() + PAUSE)
                return
            scan(row)
            is_first = False


def scan(row: Scan) -> None:
    """Ask the scanner about stored bytes; what it finds infected is closed before that is noted.

    Raises ScannerDown, and OSError from a storage that does not answer. Damaged bytes are left to the check of files,
    and bytes on which a living scanner has no clear word stay as they were until tomorrow.
    """
    stored = StoredFile.objects.filter(sha256=row.sha256).first()
    found: dict[str, object] = {"tried_on": clock.today()}
    try:
        if stored is not None:
            infection = scanner.infection_in(read(stored))[:100]
            found |= {"scanned_at": clock.now(), "infection": infection}
            if infection:
                hold_files(row.sha256, infection)
    except FileChanged:
        pass
    except scanner.ScannerDown:
        if not scanner.judges():
            raise
        note("file not scanned", user=None, result="failed", obj=stored, sha256=row.sha256)
    Scan.objects.filter(pk=row.pk).update(**found)


def hold_files(sha256: str, infection: str) -> None:
    """Close every file with these bytes that is still open, each in a transaction of its own."""
    infected = StoredFile.objects.filter(sha256=sha256).select_related("case", "uploaded_by")
    for stored in infected.exclude(in_quarantine()):
        try:
            perform(
                HOLD,
                Quarantine(file=stored, case=stored.case, infection=infection, found_at=clock.now()),
                actor=None,
            )
        except WrongState:  # another sweep was faster
            continue


def _hold_copies() -> None:
    """Close files that came in with known infected bytes after those were found."""
    for row in Scan.objects.exclude(infection=""):
        hold_files(row.sha256, row.infection)


def _list_new_ones() -> None:
    """Give everything that people uploaded its row, no more at once than a day can scan."""
    known = Scan.objects.filter(sha256=OuterRef("sha256"))
    new = StoredFile.objects.filter(~Exists(known), uploaded_by__isnull=False)
    hashes = new.order_by("sha256").values_list("sha256", flat=True).distinct()[: _most_a_day()]
    Scan.objects.bulk_create([Scan(sha256=sha256) for sha256 in hashes], ignore_conflicts=True)


def _following(most: int) -> list[Scan]:
    """The next ones today: closed files first, whose word may have changed, then the longest ago."""
    today = clock.today()
    most = min(most, _most_a_day() - Scan.objects.filter(tried_on=today).count())
    if most <= 0:
        return []
    waiting = Scan.objects.filter(Q(tried_on=None) | Q(tried_on__lt=today))
    closed = Quarantine.objects.filter(state__in=CLOSED).values("file__sha256")
    first = list(_by_age(waiting.filter(sha256__in=closed))[:most])
    rest = _by_age(waiting.exclude(sha256__in=closed))[: most - len(first)]
    return [*first, *rest]


def _by_age(rows: QuerySet[Scan]) -> QuerySet[Scan]:
    return rows.order_by(F("scanned_at").asc(nulls_first=True), "pk")


def _most_a_day() -> int:
    return int(setting("rescanned_files_a_day"))


def _promise(row: Scan, *, not_before: datetime | None = None) -> None:
    with transaction.atomic():
        promise_job(kind=SCAN_ON, obj=row, case=None, not_before=not_before)
        wake_after_commit()


def register() -> None:
    handles(SCAN_ON, scan_on)
