"""The sentences that print how a quote came about, in the reader's language, from the figures stored with its lines."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications.fees import Basis
from applications.models import QuoteLine
from applications.states import LineKey


def figures(number: Decimal | str) -> str:
    """A number of days without needless zeros."""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def line_label(key: str) -> str:
    """What a line of the quote is for."""
    return {
        LineKey.APPLICATION: _("Application fee"),
        LineKey.REGISTRATION: _("Review and registration, with certificate"),
        LineKey.PERSON_DAYS: _("Audit, person-days"),
        LineKey.ANNUAL: _("Annual fee, with mark"),
        LineKey.REISSUE: _("New edition of the certificate, without audit"),
    }[LineKey(key)]


def sentences_of(line: QuoteLine) -> list[str]:
    """One sentence for each step of the arithmetic of a line."""
    return [_sentence(entry, line.adjustment_reason) for entry in line.basis]


def _sentence(entry: Mapping[str, Any], adjustment_reason: str) -> str:
    match Basis(entry["code"]):
        case Basis.PLANNING:
            return _(
                "Planning and documents: %(headcount)s people, row %(first)s–%(last)s of the table: %(days)s"
            ) % {
                **entry,
                "days": figures(entry["days"]),
            }
        case Basis.ON_SITE:
            return _(
                "On site, head office and sites together: %(headcount)s people, row %(first)s–%(last)s of the table: "
                "%(days)s"
            ) % {**entry, "days": figures(entry["days"])}
        case Basis.SAMPLE:
            return _(
                "Sites visited beside the head office: %(factor)s × √%(sites)s, rounded up: %(sampled)s"
            ) % {
                **entry,
                "factor": figures(entry["factor"]),
            }
        case Basis.SITE:
            return _site(entry)
        case Basis.CATEGORIES:
            return _("Product categories: %(categories)s, so %(further)s × %(each)s more: plus %(added)s") % {
                **entry,
                "each": figures(entry["each"]),
                "added": figures(entry["added"]),
            }
        case Basis.ROUNDED:
            return _("Sum %(sum)s, rounded up to half days: %(days)s") % {
                "sum": figures(entry["sum"]),
                "days": figures(entry["days"]),
            }
        case Basis.ADJUSTMENT:
            return _("Adjustment %(change)s (%(reason)s): %(days)s") % {
                "change": f"{Decimal(entry['change']):+.2f}",
                "reason": adjustment_reason,
                "days": figures(entry["days"]),
            }


def _site(entry: Mapping[str, Any]) -> str:
    in_chinese = (get_language() or "").startswith("zh")
    values = {
        **entry,
        "name": entry["name"] if in_chinese else entry["name_en"] or entry["name"],
        "on_site": figures(entry["on_site"]),
        "share": figures(entry["share"]),
        "least": figures(entry["least"]),
        "added": figures(entry["added"]),
    }
    if Decimal(entry["added"]):
        return (
            _(
                "%(name)s: share %(on_site)s × %(headcount)s ÷ %(of)s = %(share)s, at least %(least)s: plus %(added)s"
            )
            % values
        )
    return (
        _("%(name)s: share %(on_site)s × %(headcount)s ÷ %(of)s = %(share)s, contained in the days on site")
        % values
    )
