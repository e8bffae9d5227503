"""What a reviewer should know about an applicant; nothing here stops a step by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from applications.catalogue.sections import desk_url
from applications.models import Application
from applications.states import Agent, ApplicationState
from certbody import clock, facts
from certbody.accounts.models import Interest
from certbody.permissions import two_years_after
from certbody.workflow import Missing

MOST_OF_A_KIND = 20
DECIMALS = 10


@dataclass(frozen=True)
class InterestBar:
    """An interest on a time axis of a hundred parts: what it lasted, and the two years after in which it bars.

    `until` and `bars_until` are empty while the interest lasts; offsets and widths are hundredths of the axis.
    """

    name: str
    kind: str | Promise
    since: date
    until: date | None
    bars_until: date | None
    bars: bool
    offset: str
    width: str
    window_offset: str
    window_width: str
    today: str


def concerns_about(application: Application, bars: Sequence[InterestBar]) -> list[Missing]:
    """Sentences with a link to where each comes from: earlier trouble, interests, who pays, who helped."""
    organisation = application.case.organisation
    found = [one for answer in facts.ask("past_trouble", organisation=organisation) for one in answer]
    found += _declined_before(application)
    found += [
        Missing(
            _("%(person)s of the body declared an interest in this organisation (%(kind)s).")
            % {"person": bar.name, "kind": bar.kind},
            "#impartiality",
        )
        for bar in bars
        if bar.bars
    ]
    if application.pays_fees_itself is False:
        found.append(
            Missing(
                _("The applicant does not pay the fees itself: find out who pays and why."),
                "#answers-prerequisites",
            )
        )
    return found + _helper(application)


def _declined_before(application: Application) -> list[Missing]:
    organisation = application.case.organisation
    alike = Q(case__organisation=organisation) | Q(
        case__organisation__legal_representative=organisation.legal_representative
    )
    rows = (
        Application.objects.filter(alike, state=ApplicationState.DECLINED)
        .exclude(pk=application.pk)
        .select_related("case__organisation", "declination")[:MOST_OF_A_KIND]
    )
    found = []
    for row in rows:
        named = {
            "case": row.case.reference,
            "organisation": row.case.organisation.name,
            "reason": row.closing_reason,
        }
        sentence = (
            _("This organisation’s application %(case)s was declined: %(reason)s")
            if row.case.organisation_id == organisation.pk
            else _(
                "%(organisation)s, whose legal representative has the same name, was declined (%(case)s): %(reason)s"
            )
        )
        found.append(Missing(sentence % named, desk_url(row)))
    return found


def _helper(application: Application) -> list[Missing]:
    if application.agent_kind in {"", Agent.NONE}:
        return []
    kind = application.get_agent_kind_display()
    found = [
        Missing(
            _("Who helped with the application: %(name)s (%(kind)s).")
            % {"name": application.agent_name, "kind": kind},
            "#answers-prerequisites",
        )
    ]
    if application.agent_name:
        found += _consulted_elsewhere(application)
    return found


def _consulted_elsewhere(application: Application) -> list[Missing]:
    """The same helper named by other applicants, as a consultant: an agent who consults is no mere agent."""
    rows = (
        Application.objects.filter(agent_name=application.agent_name, agent_kind=Agent.CONSULTANT)
        .exclude(case__organisation=application.case.organisation_id)
        .select_related("case__organisation")[:MOST_OF_A_KIND]
    )
    return [
        Missing(
            _("%(name)s is named as a consultant by %(organisation)s too (%(case)s).")
            % {
                "name": application.agent_name,
                "organisation": row.case.organisation.name,
                "case": row.case.reference,
            },
            desk_url(row),
        )
        for row in rows
    ]


def interests_in(application: Application) -> list[InterestBar]:
    """Declared interests of the body's people in the applicant, on one axis up to the end of the last window."""
    rows = list(
        Interest.objects.filter(
            organisation=application.case.organisation_id, person__role_assignments__isnull=False
        )
        .select_related("person")
        .distinct()
        .order_by("since", "pk")
    )
    today = clock.today()
    if not rows:
        return []
    begin = min(row.since for row in rows)
    end = max([today, *(two_years_after(row.until or today) for row in rows)])
    return [_bar(row, begin, max(1, (end - begin).days), today) for row in rows]


def _bar(row: Interest, begin: date, whole: int, today: date) -> InterestBar:
    bars_until = two_years_after(row.until) if row.until else None
    last = row.until or today
    return InterestBar(
        name=row.person.name,
        kind=row.get_kind_display(),
        since=row.since,
        until=row.until,
        bars_until=bars_until,
        bars=bars_until is None or bars_until > today,
        offset=_part((row.since - begin).days, whole),
        width=_part((last - row.since).days, whole),
        window_offset=_part((last - begin).days, whole),
        window_width=_part((two_years_after(last) - last).days, whole),
        today=_part((today - begin).days, whole),
    )


def _part(days: int, whole: int) -> str:
    """Days as a part of the axis, in hundredths with one place, for a drawing."""
    tenths = max(0, days) * 100 * DECIMALS // whole
    return f"{tenths // DECIMALS}.{tenths % DECIMALS}"
