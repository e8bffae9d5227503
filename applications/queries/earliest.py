"""The earliest day of an audit that follows from what an application says now, link by link with its reason.

Nothing here is promised: each link is the earliest possible, and the calendar of a team can only move it on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from applications.catalogue.kinds import is_asked
from applications.queries.completeness import blocked_until
from applications.queries.contents import Contents
from certbody import clock, facts
from certbody.body.settings_catalogue import settings_of
from certbody.scheme.dates import months_later
from certbody.scheme.working_days import working_day_after

PERIODS = ("system_running_months_min", "document_review_days", "offer_days", "stage1_days", "stage2_days")


@dataclass(frozen=True)
class Link:
    """One reason for the day that it reaches; `days` says how long it takes, empty where it is a fixed day."""

    reason: str
    day: date
    days: str = ""


@dataclass(frozen=True)
class Earliest:
    """The chain from today on. `visit` is None where the acceptance is the last day that can be reckoned."""

    links: tuple[Link, ...]
    answer: date
    stage1: date | None
    visit: date | None
    is_team_known: bool
    renewals: tuple[str, ...]
    conflicts: tuple[str, ...]


def system_is_old_enough_on(since: date, months: int) -> date:
    """The first day on which a system that runs since a day has run for so many months."""
    day = months_later(since, months)
    while months_later(day, -months) < since:
        day += timedelta(days=1)
    return day


def earliest_of(contents: Contents) -> Earliest:
    periods = settings_of(PERIODS)
    links = list(_before_the_submission(contents, periods))
    links.append(
        _working_days(links[-1].day, periods["document_review_days"], _("We review the application"))
    )
    answer = links[-1].day
    if not contents.asked.ends_in_certificate:
        return Earliest(tuple(links), answer, None, None, False, _renewals(contents), ())
    for key, reason in (
        ("offer_days", _("Quote, contract and your acceptance")),
        ("stage1_days", _("Team and plan, then the first stage (documents)")),
        ("stage2_days", _("Time to the visit (second stage)")),
    ):
        links.append(_working_days(links[-1].day, periods[key], reason))
    stage1 = links[-2].day
    free = first_free_week(contents, links[-1].day)
    if free is not None:
        links.append(Link(_("First free week of a competent team"), free))
    visit = links[-1].day
    return Earliest(
        tuple(links),
        answer,
        stage1,
        visit,
        free is not None,
        _renewals(contents),
        tuple(_conflicts(contents, visit)),
    )


def _before_the_submission(contents: Contents, periods: dict[str, Any]) -> Iterator[Link]:
    """Today, then every day before which the application cannot be submitted, each later than the one before."""
    application = contents.application
    day = clock.today()
    yield Link(_("Today, if you submit"), day)
    since, months = application.system_running_since, periods["system_running_months_min"]
    if since is not None and is_asked(application, "system_running_since"):
        ready = system_is_old_enough_on(since, months)
        if ready > day:
            day = ready
            yield Link(
                _("The service system has run for %(months)s months, since %(since)s")
                % {"months": months, "since": since.isoformat()},
                day,
            )
    barred = blocked_until(application.case.organisation)
    if barred is not None and barred > day:
        yield Link(_("The waiting time after the refusal or withdrawal is over"), barred)


def _working_days(day: date, count: int, reason: str) -> Link:
    words = ngettext("%(count)s working day", "%(count)s working days", count) % {"count": count}
    return Link(reason, working_day_after(day, count), words)


def first_free_week(contents: Contents, not_before: date) -> date | None:
    """The first day on which a competent team is free; None where nobody knows its calendar."""
    case = contents.application.case
    days = [day for day in facts.ask("first_free_week", case=case, not_before=not_before) if day is not None]
    return max(*days, not_before) if days else None


def _renewals(contents: Contents) -> tuple[str, ...]:
    """Documents that have expired: their renewal has no day that could be reckoned."""
    today, names = clock.today(), _names(contents)
    return tuple(
        _("“%(document)s” ended on %(day)s: the days above hold once the renewed one is uploaded.")
        % {"document": names[held.kind], "day": held.expires_on.isoformat()}
        for held in contents.documents
        if held.kind in names and held.expires_on is not None and held.expires_on < today
    )


def _conflicts(contents: Contents, visit: date) -> Iterator[str]:
    """What is in order today and no longer on the day of the visit."""
    today, names = clock.today(), _names(contents)
    for held in contents.documents:
        if held.kind in names and held.expires_on is not None and today <= held.expires_on < visit:
            yield _("“%(document)s” ends on %(day)s, before the earliest visit: have it renewed in time.") % {
                "document": names[held.kind],
                "day": held.expires_on.isoformat(),
            }
    if contents.held is not None and contents.held.expires_on < visit:
        yield _(
            "Certificate %(number)s ends on %(day)s, before the earliest visit: it would have to be certified "
            "initially again."
        ) % {"number": contents.held.number, "day": contents.held.expires_on.isoformat()}
    row = contents.transferred
    if row is not None and row.expires_on is not None and today <= row.expires_on < visit:
        yield _("The certificate of the other body ends on %(day)s, before the earliest visit.") % {
            "day": row.expires_on.isoformat()
        }


def _names(contents: Contents) -> dict[str, str]:
    language = get_language() or "en"
    return {kind.key: kind.name.in_language(language) for kind in contents.documents_asked}
