"""Short ways to write an entry down, and the sources that several entries share."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from certbody.body.settings_catalogue.kinds import Entry, Group, Kind, Sentence
from certbody.scheme.model import Scheme

EXAMPLE = _("example, to be set by the body")
FILED = _("example, to be set as filed with CNCA (announcement 2025 no. 9)")
RECOMMENDED = _("recommendation, no source")
RULE_17065 = _("ISO/IEC 17065, 4.2 and 7.6")
TARIFF = _("trial tariff of the national after-sales evaluation committee; fees are contract terms")
MEASURES = _("Measures for Certification Bodies")
QMS_RULE = _("CNCA-QMS-01:2025, a benchmark")
SUSPENSION_HABIT = _("CCRC service certification, a benchmark")
PUBLISHED_TIMES = _("upper ends published by consultancies, working days")


def parameter(key: str) -> Callable[[Scheme], Any]:
    return lambda scheme: scheme.parameters[key]


def review_days(step: str) -> Callable[[Scheme], Any]:
    def read(scheme: Scheme) -> int:
        days = scheme.parameters["review_days"]
        assert isinstance(days, Mapping)  # noqa: S101  # the reader of the scheme file checks it
        return days[step]

    return read


def text(
    key: str,
    label: Sentence,
    group: Group,
    default: str,
    source: Sentence,
    *,
    most: int = 300,
    checks: tuple[Callable[[Any], None], ...] = (),
) -> Entry:
    is_example = source is EXAMPLE or source is FILED  # a lazy text must not be translated while apps load
    return Entry(
        key=key,
        label=label,
        group=group,
        kind=Kind.TEXT,
        default=default,
        source=source,
        most=most,
        is_to_be_set=is_example,
        checks=checks,
    )


def whole(
    key: str,
    label: Sentence,
    group: Group,
    default: Any,
    source: Sentence,
    *,
    least: int = 1,
    most: int = 1000,
) -> Entry:
    return Entry(
        key=key,
        label=label,
        group=group,
        kind=Kind.WHOLE,
        default=default,
        source=source,
        least=least,
        most=most,
    )


def number(
    key: str, label: Sentence, group: Group, default: Any, source: Sentence, *, most: int = 1_000_000
) -> Entry:
    return Entry(
        key=key, label=label, group=group, kind=Kind.NUMBER, default=default, source=source, most=most
    )


def switch(key: str, label: Sentence, group: Group, default: Any, source: Sentence) -> Entry:
    return Entry(key=key, label=label, group=group, kind=Kind.SWITCH, default=default, source=source)
