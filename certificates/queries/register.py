"""The public truth about certificates, computed for a day; nothing here names a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet

from certbody import clock
from certbody.accounts.credit_code import normal_form
from certificates.folding import LONGEST_QUERY, SHORTEST, fold, terms
from certificates.models import Certificate, CycleDate, Edition, RegisterTerm, StatusChange
from certificates.states import (
    PUBLIC_STATES,
    STANDING_STATES,
    CertificateState,
    CycleKind,
    EditionState,
    PublicStatus,
)

ONE_DAY = timedelta(days=1)
MOST_RESULTS = 20
MOST_TERMS = 8

_WORDS: dict[str, PublicStatus] = {
    CertificateState.SUSPENDED: PublicStatus.SUSPENDED,
    CertificateState.WITHDRAWN: PublicStatus.WITHDRAWN,
    CertificateState.CANCELLED: PublicStatus.CANCELLED,
    CertificateState.SUPERSEDED: PublicStatus.SUPERSEDED,
}


@dataclass(frozen=True)
class Standing:
    """The public word for a certificate on a day, and since when it holds."""

    on: date
    status: PublicStatus
    since: date
    ground: str = ""

    @property
    def is_valid(self) -> bool:
        return self.status is PublicStatus.VALID


def standing_on(certificate: Certificate, changes: Sequence[StatusChange], on: date) -> Standing:
    """The public word on a day, both first and last day inclusive; of several changes on one day the last counts.

    A change takes effect on its day; before the first valid day an issued certificate is upcoming unless something
    ended it. Days ahead are answered as things stand now.
    """
    if on < certificate.issued_on:
        return Standing(on, PublicStatus.NOT_ISSUED, on)
    begun = [change for change in changes if change.effective_on <= on]
    last = max(begun, key=lambda change: (change.effective_on, change.pk), default=None)
    if last is None:
        return Standing(on, PublicStatus.NOT_ISSUED, on)
    if last.status in STANDING_STATES and on > certificate.expires_on:
        return Standing(on, PublicStatus.EXPIRED, certificate.expires_on + ONE_DAY)
    if last.status == CertificateState.VALID:
        if on < certificate.valid_from:
            return Standing(on, PublicStatus.UPCOMING, certificate.issued_on)
        return Standing(on, PublicStatus.VALID, max(last.effective_on, certificate.valid_from), last.ground)
    return Standing(on, _WORDS[last.status], last.effective_on, last.ground)


@dataclass(frozen=True)
class Entry:
    """One certificate as the register shows it; `facts` are those that its current edition prints.

    `cycle_dates` are the planned visits: none once the certificate has ended.
    """

    certificate: Certificate
    facts: dict[str, Any]
    standing: Standing
    changes: tuple[StatusChange, ...]
    cycle_dates: tuple[CycleDate, ...]

    @property
    def number(self) -> str:
        return self.certificate.number

    @property
    def next_surveillance(self) -> CycleDate | None:
        return next((entry for entry in self.cycle_dates if entry.kind == CycleKind.SURVEILLANCE), None)

    @property
    def recertification(self) -> CycleDate | None:
        return next((entry for entry in self.cycle_dates if entry.kind == CycleKind.RECERTIFICATION), None)


def public_certificates() -> QuerySet[Certificate]:
    """Every number that the public may know of, with what the register needs in a fixed number of queries."""
    current = Edition.objects.filter(state=EditionState.CURRENT)
    return (
        Certificate.objects.filter(state__in=PUBLIC_STATES)
        .select_related("continued_by")
        .prefetch_related(
            Prefetch("editions", queryset=current, to_attr="printed"),
            Prefetch("status_changes", queryset=StatusChange.objects.order_by("effective_on", "id")),
            "cycle_dates",
        )
    )


def entry_of(certificate: Certificate, on: date | None = None) -> Entry:
    printed: list[Edition] = certificate.printed  # type: ignore[attr-defined]  # prefetched under this name
    changes = tuple(certificate.status_changes.all())
    standing = standing_on(certificate, changes, on or clock.today())
    return Entry(
        certificate=certificate,
        facts=printed[0].facts,
        standing=standing,
        changes=changes,
        cycle_dates=() if standing.status.has_ended else tuple(certificate.cycle_dates.all()),
    )


def number_valid_until(entry: Entry) -> str:
    """The number that is valid until an upcoming certificate takes effect; empty for any other."""
    earlier = entry.certificate.continues.order_by("-id").first()
    return earlier.number if earlier and entry.standing.status == "upcoming" else ""


def as_printed(text: str) -> str:
    """A number or credit code as it is printed, whatever its case and spacing; empty for what cannot be one."""
    code = normal_form(text)
    return code if len(code) <= 40 and all(sign.isalnum() or sign == "-" for sign in code) else ""


def by_number(number: str, on: date | None = None) -> Entry | None:
    """The entry of a number as printed, in any case and spacing; None for whatever the public does not know."""
    certificate = public_certificates().filter(number=as_printed(number)).first()
    return entry_of(certificate, on) if certificate else None


def by_numbers(numbers: Iterable[str], on: date | None = None) -> dict[str, Entry]:
    """The entries of many numbers in a fixed number of queries, by their number."""
    wanted = {as_printed(number) for number in numbers}
    return {entry.number: entry for entry in map(_on(on), public_certificates().filter(number__in=wanted))}


def _on(day: date | None) -> Any:
    return lambda certificate: entry_of(certificate, day)


@dataclass(frozen=True)
class Found:
    """What a search gave: `is_too_short` says that nothing was searched for."""

    entries: tuple[Entry, ...] = ()
    has_more: bool = False
    is_too_short: bool = False


def search(query: str) -> Found:
    """Search by number, credit code or name: folded, two characters at the least, at most 20 answers."""
    text = query.strip()[:LONGEST_QUERY]
    exact = as_printed(text)
    found = list(public_certificates().filter(number=exact)[:1])
    if not found and len(exact) == 18:
        found = list(public_certificates().filter(organisation__credit_code=exact)[: MOST_RESULTS + 1])
    if not found:
        folded = fold(text)
        if len(folded) < SHORTEST:
            return Found(is_too_short=True)
        found = list(_by_name(folded)[: MOST_RESULTS + 1])
    entries = tuple(entry_of(certificate) for certificate in found[:MOST_RESULTS])
    return Found(entries, has_more=len(found) > MOST_RESULTS)


def _by_name(folded: str) -> QuerySet[Certificate]:
    """Certificates whose name holds the folded text: the pairs narrow, the text itself decides."""
    found = public_certificates()
    for term in terms(folded)[:MOST_TERMS]:
        found = found.filter(pk__in=RegisterTerm.objects.filter(term=term).values("certificate"))
    return found.filter(searchable__contains=folded).order_by("-id")
