"""What an application still lacks before it may be submitted; shown at any time, asked again under the lock."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from applications.catalogue.kinds import is_asked
from applications.catalogue.sections import Section, section_url
from applications.models import Application, ApplicationDocument, Site
from applications.queries.changes import change_gaps, standing_gaps
from applications.queries.contents import Contents, Gap, contents_of
from applications.queries.transfer import transfer_gaps
from applications.states import Agent, ApplicationKind
from certbody import clock, facts
from certbody.accounts.models import LegalForm, Organisation
from certbody.body.settings_catalogue import settings_of
from certbody.scheme.dates import months_later
from certbody.scheme.model import DocumentKind, DocumentNeed, Goods
from certbody.workflow import Missing

__all__ = [
    "Contents",
    "Gap",
    "as_missing",
    "blocked_sentence",
    "blocked_until",
    "contents_of",
    "gaps_in",
    "is_required",
    "missing_in",
]


def missing_in(application: Application) -> list[Missing]:
    """Everything that a submission still needs, each with a link to its section."""
    return as_missing(application, gaps_in(contents_of(application)))


def as_missing(application: Application, gaps: Sequence[Gap]) -> list[Missing]:
    return [Missing(gap.sentence, section_url(application, gap.section)) for gap in gaps]


def gaps_in(contents: Contents) -> list[Gap]:
    """What the sections of this kind of application lack, in the order of its pages."""
    return [
        Gap(section, sentence)
        for section in contents.asked.sections
        for sentence in _GAPS_OF[section](contents)
    ]


def _organisation(contents: Contents) -> Iterator[str]:
    application = contents.application
    organisation: Organisation = application.case.organisation
    accepted = settings_of(["accepted_legal_forms"])["accepted_legal_forms"]
    if organisation.legal_form not in accepted:
        yield _(
            "Organisations of the legal form “%(form)s” cannot be certified here; accepted: %(accepted)s. If the "
            "legal form is wrong, correct it in the organisation’s data."
        ) % {
            "form": organisation.get_legal_form_display(),
            "accepted": _listed(str(LegalForm(form).label) for form in accepted),
        }
    if sentence := blocked_sentence(organisation):
        yield sentence
    if application.kind == ApplicationKind.RECERTIFICATION:
        yield from standing_gaps(contents.held)
    if not application.headcount:
        yield _("The headcount is missing.")
    if application.service_management_headcount is None:
        yield _("The service-management headcount is missing.")
    if application.managers_trained is None:
        yield _("The number of trained after-sales service managers is missing.")
    if not application.agent_kind:
        yield _("It is missing who helped with the application.")
    elif application.agent_kind != Agent.NONE and not application.agent_name:
        yield _("The name of the agent or consultant is missing.")


def _listed(items: Iterable[str]) -> str:
    return pgettext("between the items of a list", ", ").join(items)


def blocked_until(organisation: Organisation) -> date | None:
    """The first day on which an organisation may apply again, while that day is ahead."""
    days = [day for day in facts.ask("blocked_until", organisation=organisation) if day is not None]
    last = max(days, default=None)
    return last if last is not None and last > clock.today() else None


def blocked_sentence(organisation: Organisation) -> str:
    """Why an organisation may not apply yet after a refusal or withdrawal; empty when it may."""
    last = blocked_until(organisation)
    if last is None:
        return ""
    return _("After the refusal or withdrawal a new application is possible from %(day)s.") % {
        "day": last.isoformat()
    }


def _scope(contents: Contents) -> Iterator[str]:
    application = contents.application
    if not application.scope:
        yield _("The scope in Chinese is missing.")
    if not application.scope_en:
        yield _("The scope in English is missing.")
    if not application.goods:
        yield _("The kind of goods is missing.")
    if not application.product_categories:
        yield _("The number of categories of goods is missing.")


def _sites(contents: Contents) -> Iterator[str]:
    sites = contents.sites
    if not any(site.is_head_office for site in sites):
        yield _("No site is marked as the head office.")
    for site in sites:
        if lacking := _lacking(site, with_figures=is_asked(contents.application, "headcount")):
            yield _("Site “%(site)s” lacks: %(fields)s.") % {"site": site.name, "fields": _listed(lacking)}


def _lacking(site: Site, *, with_figures: bool) -> list[str]:
    """The labels of what a site lacks; its figures count only where the organisation's are asked too."""
    printed = (
        (_("name in English"), site.name_en),
        (_("address in English"), site.address_en),
        (_("activity"), site.activity),
        (_("activity in English"), site.activity_en),
    )
    figures = (
        (_("headcount"), site.headcount),
        (_("service-management headcount"), site.service_management_headcount),
    )
    lacking = [label for label, value in printed if not value]
    return lacking + [label for label, value in figures if with_figures and value is None]


def _prerequisites(contents: Contents) -> Iterator[str]:
    application = contents.application
    periods: dict[str, Any] = settings_of(["system_running_months_min", "serious_problem_lookback_months"])
    if is_asked(application, "system_running_since"):
        yield from _running(application, periods["system_running_months_min"])
    yield from _declarations(application, periods["serious_problem_lookback_months"])


def _running(application: Application, months: int) -> Iterator[str]:
    since = application.system_running_since
    if since is None:
        yield _("Since when the service system runs is missing.")
    elif since > months_later(clock.today(), -months):
        yield _("The service system must have run for at least %(months)s months before the application.") % {
            "months": months
        }
    if not application.person_in_charge:
        yield _("The person in charge of after-sales service is missing.")
    if not application.funds_note:
        yield _("The funds set aside for after-sales service are missing.")


def _declarations(application: Application, lookback: int) -> Iterator[str]:
    for answer, unanswered, refused in (
        (
            application.no_serious_fault,
            _("The statement about serious quality or after-sales problems is missing."),
            _(
                "Within %(months)s months after a serious quality or after-sales problem no application is possible."
            )
            % {"months": lookback},
        ),
        (
            application.operates_lawfully,
            _("The statement about lawful operation is missing."),
            _("Only organisations that operate lawfully in mainland China can be certified."),
        ),
        (
            application.pays_fees_itself,
            _("The statement about who pays the fees is missing."),
            _("The fees must be paid by the organisation itself, not by a third party."),
        ),
    ):
        if answer is None:
            yield unanswered
        elif answer is False:
            yield refused


def is_required(kind: DocumentKind, sites: int) -> bool:
    """Whether a document must be there before the submission."""
    return kind.required == DocumentNeed.ALWAYS or (kind.required == DocumentNeed.IF_MULTI_SITE and sites > 1)


def closed_sentence(document: ApplicationDocument) -> str:
    """What has to be done about a document whose file is in quarantine."""
    return _(
        "“%(file)s” was closed because malicious software was found in it: replace it by a clean copy, or take it out."
    ) % {"file": document.file.name}


def sites_without_proof(contents: Contents, kind: DocumentKind) -> list[Site]:
    """Sites that a document asked for with several sites does not cover yet: none once one speaks of all of them.

    The head office is proved by the organisation's own papers.
    """
    held = contents.readable_of(kind.key)
    if kind.required != DocumentNeed.IF_MULTI_SITE or len(contents.sites) < 2 or not held:
        return []
    covered = {document.site_id for document in held}
    if None in covered:
        return []
    return [site for site in contents.sites if not site.is_head_office and site.pk not in covered]


def _documents(contents: Contents) -> Iterator[str]:
    language = get_language() or "en"
    for kind in contents.documents_asked:
        name = kind.name.in_language(language)
        held = contents.readable_of(kind.key)
        if not held and is_required(kind, len(contents.sites)):
            yield _("Document missing: %(document)s") % {"document": name}
        for site in sites_without_proof(contents, kind):
            yield _("Document missing for the site “%(site)s”: %(document)s") % {
                "site": site.name,
                "document": name,
            }
        for document in contents.documents_of(kind.key):
            if document.is_closed:
                yield closed_sentence(document)
        for document in held:
            if kind.expires and document.expires_on is None:
                yield _("%(document)s: until when is “%(file)s” valid?") % {
                    "document": name,
                    "file": document.file.name,
                }
            elif document.expires_on is not None and document.expires_on < clock.today():
                yield _("%(document)s: “%(file)s” has expired.") % {
                    "document": name,
                    "file": document.file.name,
                }


def _exclusions(contents: Contents) -> Iterator[str]:
    goods = contents.application.goods
    for exclusion in contents.exclusions:
        known = contents.scheme.has_clause(exclusion.clause)
        if goods and not (known and contents.scheme.clause(exclusion.clause).is_excludable_for(Goods(goods))):
            yield _("Clause %(clause)s cannot be left out for this kind of goods.") % {
                "clause": exclusion.clause
            }


_GAPS_OF: dict[str, Callable[[Contents], Iterable[str]]] = {
    Section.CHANGE: change_gaps,
    Section.TRANSFER: transfer_gaps,
    Section.ORGANISATION: _organisation,
    Section.SCOPE: _scope,
    Section.SITES: _sites,
    Section.PREREQUISITES: _prerequisites,
    Section.DOCUMENTS: _documents,
    Section.EXCLUSIONS: _exclusions,
}
