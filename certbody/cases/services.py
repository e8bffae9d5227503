from django.db import IntegrityError, transaction

from certbody import clock
from certbody.accounts.models import Organisation, Person
from certbody.cases.models import Case, CaseAccess, CaseKind, Counter, Involvement


def next_number(name: str) -> int:
    """Take the next number of a counter inside the caller's transaction; a rollback gives it back."""
    updated = Counter.objects.select_for_update().filter(name=name).first()
    if updated is None:
        try:
            with transaction.atomic():
                return Counter.objects.create(name=name, value=1).value
        except IntegrityError:
            updated = Counter.objects.select_for_update().get(name=name)
    updated.value += 1
    updated.save(update_fields=["value"])
    return updated.value


def open_case(
    *,
    organisation: Organisation,
    scheme: str,
    kind: str = CaseKind.INITIAL,
    cycle: int = 1,
    previous: Case | None = None,
) -> Case:
    """Open a case; its number is the year and a running number of that year, such as 2026-0142."""
    year = clock.today().year
    return Case.objects.create(
        reference=f"{year}-{next_number(f'case {year}'):04}",
        organisation=organisation,
        scheme=scheme,
        kind=kind,
        cycle=cycle,
        previous=previous,
    )


def record_part(*, case: Case, person: Person, part: str) -> None:
    """Record that a person took part; a second time changes nothing."""
    Involvement.objects.get_or_create(case=case, person=person, part=part)


def grant_access(*, case: Case, person: Person, ground: str) -> None:
    CaseAccess.objects.get_or_create(case=case, person=person, ground=ground, ended_at=None)


def end_access(*, case: Case, person: Person, ground: str) -> None:
    CaseAccess.objects.filter(case=case, person=person, ground=ground, ended_at=None).update(
        ended_at=clock.now()
    )
