"""What an application still lacks before it may be submitted; shown at any time, asked again under the lock."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from applications.models import Application, ApplicationDocument, ProposedExclusion, Site
from applications.queries import documents_in_force
from applications.sections import Section, section_url
from certbody import clock, facts
from certbody.accounts.models import LegalForm, Organisation
from certbody.body.queries import scheme_of
from certbody.body.settings_catalogue import settings_of
from certbody.scheme.dates import months_later
from certbody.scheme.model import DocumentKind, DocumentNeed, Goods, Scheme
from certbody.workflow import Missing


@dataclass(frozen=True)
class Contents:
    """An application with everything that belongs to it, read once for a page or a check."""

    application: Application
    scheme: Scheme
    sites: Sequence[Site]
    documents: Sequence[ApplicationDocument]
    exclusions: Sequence[ProposedExclusion]

    def documents_of(self, kind: str) -> list[ApplicationDocument]:
        return [document for document in self.documents if document.kind == kind]


@dataclass(frozen=True)
class Gap:
    """One thing that is missing, and the section in which it is supplied."""

    section: str
    sentence: str


def contents_of(application: Application) -> Contents:
    return Contents(
        application=application,
        scheme=scheme_of(application.case),
        sites=list(application.sites.all()),
        documents=list(documents_in_force(application)),
        exclusions=list(application.exclusions.all()),
    )


def missing_in(application: Application) -> list[Missing]:
    """Everything that a submission still needs, each with a link to its section."""
    return as_missing(application, gaps_in(contents_of(application)))


def as_missing(application: Application, gaps: Sequence[Gap]) -> list[Missing]:
    return [Missing(gap.sentence, section_url(application, gap.section)) for gap in gaps]


def gaps_in(contents: Contents) -> list[Gap]:
    found = [
        (Section.ORGANISATION, _organisation(contents.application)),
        (Section.SCOPE, _scope(contents.application)),
        (Section.SITES, _sites(contents.sites)),
        (Section.PREREQUISITES, _prerequisites(contents.application)),
        (Section.DOCUMENTS, _documents(contents)),
        (Section.EXCLUSIONS, _exclusions(contents)),
    ]
    return [Gap(section, sentence) for section, sentences in found for sentence in sentences]


def _organisation(application: Application) -> Iterator[str]:
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
    if not application.headcount:
        yield _("The headcount is missing.")
    if application.service_management_headcount is None:
        yield _("The service-management headcount is missing.")
    if application.managers_trained is None:
        yield _("The number of trained after-sales service managers is missing.")


def _listed(items: Iterable[str]) -> str:
    return pgettext("between the items of a list", ", ").join(items)


def blocked_sentence(organisation: Organisation) -> str:
    """Why an organisation may not apply yet after a refusal or withdrawal; empty when it may."""
    days = [day for day in facts.ask("blocked_until", organisation=organisation) if day is not None]
    last = max(days, default=None)
    if last is None or last <= clock.today():
        return ""
    return _("After the refusal or withdrawal a new application is possible from %(day)s.") % {
        "day": last.isoformat()
    }


def _scope(application: Application) -> Iterator[str]:
    if not application.scope:
        yield _("The scope in Chinese is missing.")
    if not application.scope_en:
        yield _("The scope in English is missing.")
    if not application.goods:
        yield _("The kind of goods is missing.")


def _sites(sites: Sequence[Site]) -> Iterator[str]:
    if not any(site.is_head_office for site in sites):
        yield _("No site is marked as the head office.")
    for site in sites:
        lacking = [
            label
            for label, value in (
                (_("name in English"), site.name_en),
                (_("address in English"), site.address_en),
                (_("activity"), site.activity),
                (_("activity in English"), site.activity_en),
                (_("headcount"), site.headcount),
                (_("service-management headcount"), site.service_management_headcount),
            )
            if value in {"", None}
        ]
        if lacking:
            yield _("Site “%(site)s” lacks: %(fields)s.") % {"site": site.name, "fields": _listed(lacking)}


def _prerequisites(application: Application) -> Iterator[str]:
    periods: dict[str, Any] = settings_of(["system_running_months_min", "serious_problem_lookback_months"])
    months = periods["system_running_months_min"]
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
    yield from _declarations(application, periods["serious_problem_lookback_months"])


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


def sites_without_proof(contents: Contents, kind: DocumentKind) -> list[Site]:
    """Sites that a document asked for with several sites does not cover yet: none once one speaks of all of them.

    The head office is proved by the organisation's own papers.
    """
    held = contents.documents_of(kind.key)
    if kind.required != DocumentNeed.IF_MULTI_SITE or len(contents.sites) < 2 or not held:
        return []
    covered = {document.site_id for document in held}
    if None in covered:
        return []
    return [site for site in contents.sites if not site.is_head_office and site.pk not in covered]


def _documents(contents: Contents) -> Iterator[str]:
    language = get_language() or "en"
    for kind in contents.scheme.documents:
        name = kind.name.in_language(language)
        held = contents.documents_of(kind.key)
        if not held and is_required(kind, len(contents.sites)):
            yield _("Document missing: %(document)s") % {"document": name}
        for site in sites_without_proof(contents, kind):
            yield _("Document missing for the site “%(site)s”: %(document)s") % {
                "site": site.name,
                "document": name,
            }
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
