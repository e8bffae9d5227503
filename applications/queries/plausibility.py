"""Warnings that never block an application: figures that an auditor would ask about (docs/decisions/0017)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from applications.catalogue.kinds import is_asked
from applications.catalogue.sections import Section, section_url
from applications.models import Application, Site
from certbody.workflow import Missing

# Management is about 15 % of the headcount and service managers about 1 %; a third or twice as much management, and
# three times as many managers as both the usual share and the standard ask for, are worth a question.
LEAST_MANAGEMENT_PERCENT = 5
MOST_MANAGEMENT_PERCENT = 30
MOST_MANAGERS_PERCENT = 3
MOST_TIMES_NEEDED = 3


def warnings_of(application: Application, sites: Sequence[Site]) -> list[Missing]:
    """Sentences about figures that look unlikely, each with the section in which they stand."""
    if not is_asked(application, "headcount"):
        return []
    found = []
    if sentence := manager_shortfall(application):
        found.append(Missing(sentence, section_url(application, Section.ORGANISATION)))
    found += [
        Missing(sentence, section_url(application, Section.ORGANISATION)) for sentence in _shares(application)
    ]
    found += [
        Missing(sentence, section_url(application, Section.SITES)) for sentence in _sums(application, sites)
    ]
    return found


def manager_shortfall(application: Application) -> str:
    """The sentence about too few trained service managers (clause 5.1.2.2: 10 %, at least one); empty when enough."""
    needed, trained = application.service_managers_needed, application.managers_trained
    if needed is None or trained is None or trained >= needed:
        return ""
    return _(
        "%(needed)s trained after-sales service managers are needed (10 %% of the service-management headcount of "
        "%(headcount)s, at least one) and %(trained)s are named. You may apply nevertheless; the auditor counts again "
        "on site, and clause 5.1.2.2 depends on it. Training by any provider counts."
    ) % {
        "needed": needed,
        "headcount": application.service_management_headcount,
        "trained": trained,
    }


def _shares(application: Application) -> list[str]:
    headcount = application.headcount
    management, trained = application.service_management_headcount, application.managers_trained
    found = []
    if headcount and management is not None:
        if management * 100 < headcount * LEAST_MANAGEMENT_PERCENT:
            found.append(
                _(
                    "The service-management headcount is low for %(headcount)s people; about 15 %% is usual. Please "
                    "count head office, branches and outlets."
                )
                % {"headcount": headcount}
            )
        if management * 100 > headcount * MOST_MANAGEMENT_PERCENT:
            found.append(
                _("The service-management headcount is high for %(headcount)s people; about 15 %% is usual.")
                % {"headcount": headcount}
            )
    needed = application.service_managers_needed
    if trained is not None and needed is not None and are_many(trained, needed=needed, headcount=headcount):
        found.append(
            _(
                "%(trained)s trained service managers are many: %(needed)s are needed. Please count only those who "
                "hold a certificate as after-sales service manager."
            )
            % {"trained": trained, "needed": needed}
        )
    return found


def are_many(trained: int, *, needed: int, headcount: int | None) -> bool:
    """Whether so many trained managers are worth a question; never while they are no more than thrice the needed."""
    return (
        bool(headcount)
        and trained > MOST_TIMES_NEEDED * needed
        and (trained * 100 > (headcount or 0) * MOST_MANAGERS_PERCENT)
    )


def _sums(application: Application, sites: Sequence[Site]) -> list[str]:
    """Head office, branches and outlets together must be the organisation; asked once every site has its figure."""
    found = []
    for name, sentence in (
        (
            "headcount",
            _("The sites together have %(sum)s people, the organisation %(whole)s: please compare."),
        ),
        (
            "service_management_headcount",
            _(
                "The sites together have %(sum)s people in service management, the organisation %(whole)s: "
                "please compare."
            ),
        ),
        (
            "managers_trained",
            _(
                "The sites together have %(sum)s trained service managers, the organisation %(whole)s: "
                "please compare."
            ),
        ),
    ):
        whole, counts = getattr(application, name), [getattr(site, name) for site in sites]
        if whole is not None and counts and None not in counts and sum(counts) != whole:
            found.append(sentence % {"sum": sum(counts), "whole": whole})
    return found
