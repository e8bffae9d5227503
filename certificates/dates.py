"""The dates of a certificate and of its cycle, by rule R (`certbody.scheme.dates`) and the body's settings."""

from dataclasses import dataclass
from datetime import date, timedelta

from certbody.body.settings_catalogue import settings_of
from certbody.scheme.dates import (
    Period,
    first_surveillance_window,
    last_valid_day,
    months_later,
    recertification_application_due,
    recertification_period,
)

RULE_MONTHS = 12


@dataclass(frozen=True)
class Cycle:
    """The period of validity and the two windows that are planned at the issue; every day is inclusive."""

    validity: Period
    first_surveillance: Period
    recertification: Period


def cycle_from(issued_on: date, *, old_last_day: date | None = None) -> Cycle:
    """The cycle of a certificate issued on a day; `old_last_day` is that of a certificate it continues in time.

    The first visit ends within the first twelve months, or earlier where the body's setting says so; its window opens
    the set number of months before. The recertification is decided on or before the last valid day; its window opens
    on the last day to apply.
    """
    settings = settings_of(
        [
            "surveillance_first_within_months",
            "surveillance_opens_before_months",
            "recert_apply_before_expiry_months",
        ]
    )
    if old_last_day is not None:
        validity = recertification_period(old_last_day)
    else:
        validity = Period(issued_on, last_valid_day(issued_on))
    due = first_surveillance_window(validity.first).last
    months = settings["surveillance_first_within_months"]
    if months < RULE_MONTHS:
        due = min(due, months_later(validity.first, months) - timedelta(days=1))
    opens = max(validity.first, months_later(due, -settings["surveillance_opens_before_months"]))
    apply_by = recertification_application_due(validity.last, settings["recert_apply_before_expiry_months"])
    return Cycle(validity, Period(opens, due), Period(apply_by, validity.last))
