"""The fee table by date, and the monthly report of discounts and time cuts."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applications import queries
from applications.queries.adjustments import adjusted_in, sums_of
from applications.queries.arithmetic import figures
from applications.services.tariffs import ROWS, TABLE_KEYS, in_force_since
from applications.tables.market import AdjustmentTable
from certbody import clock
from certbody.body.queries import days_of_change, first_days_of
from certbody.body.settings_catalogue import entry, settings_of
from certbody.body.settings_catalogue.kinds import Kind
from certbody.web.exports import export_of
from certbody.web.navigation import belongs_to
from certbody.web.paging import paged
from certbody.web.views import staff_page, user_of


@dataclass(frozen=True)
class Version:
    """A fee table: `since` its first day, `on` a day on which it is in force."""

    since: date | None
    on: date
    is_shown: bool
    is_today: bool
    is_ahead: bool


@staff_page()
@require_safe
def fee_tables(request: HttpRequest) -> HttpResponse:
    """What a quote is worked out from on a day, and which tables were and will be in force."""
    belongs_to(request, reverse("applications:desk_contracts"))
    on = _day(request.GET.get("on", "")) or clock.today()
    values, since = settings_of(TABLE_KEYS, on), first_days_of(TABLE_KEYS, on)
    shown = in_force_since(on)
    context = {
        "versions": _versions(shown),
        "rows": [
            {"key": key, "label": entry(key).label, "value": _shown(key, values[key]), "since": since[key]}
            for key in TABLE_KEYS
            if key != ROWS
        ],
        "person_days": values[ROWS],
        "shown_label": _("in force from %(day)s") % {"day": shown.isoformat()}
        if shown
        else _("as delivered"),
    }
    return render(request, "applications/contracts/fee_tables.html", context)


def _versions(shown: date | None) -> list[Version]:
    days: list[date | None] = [*days_of_change(TABLE_KEYS), None]
    earliest = min((day for day in days if day), default=clock.today() + timedelta(days=1))
    now = in_force_since(clock.today())
    return [
        Version(
            since=day,
            on=day or min(earliest - timedelta(days=1), clock.today()),
            is_shown=day == shown,
            is_today=day == now,
            is_ahead=day is not None and day > clock.today(),
        )
        for day in days
    ]


def _shown(key: str, value: Any) -> str:
    known = entry(key)
    if known.kind is Kind.CHOICE:
        return str(known.choices[value])
    return f"{value:,.2f}" if key.startswith("fee_") else figures(value)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@staff_page(*queries.ADJUSTMENT_READERS)
@require_safe
def adjustments(request: HttpRequest) -> HttpResponse:
    """Adjustments of person-days made in a month (ISO/IEC 17065 5.2: the impartiality mechanism)."""
    belongs_to(request, reverse("applications:desk_contracts"))
    first = _day(f"{request.GET.get('month', '')}-01") or clock.today().replace(day=1)
    rows = adjusted_in(first, queries.contracts_visible_to(user_of(request)))
    table = AdjustmentTable(rows)
    if file := export_of(request, table, f"adjustments-{first:%Y-%m}"):
        return file
    sums = sums_of(rows)
    paged(request, table)
    context = {
        "table": table,
        "month": f"{first:%Y-%m}",
        "month_label": date_format(first, "YEAR_MONTH_FORMAT"),
        "sums": {
            "count": sums.count,
            "off": figures(sums.off),
            "added": figures(sums.added),
        },
    }
    return render(request, "applications/contracts/adjustments.html", context)
