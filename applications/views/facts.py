"""The answers of an application as pages print them: section by section, label and value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from applications.completeness import Contents
from applications.models import Application, ApplicationDocument, ProposedExclusion, Site
from applications.sections import Section, section_url
from certbody.accounts.models import Organisation


@dataclass(frozen=True)
class Answer:
    label: str
    value: Any


@dataclass(frozen=True)
class DocumentLine:
    name: str
    documents: Sequence[ApplicationDocument]


@dataclass(frozen=True)
class ExclusionLine:
    exclusion: ProposedExclusion
    title: str


@dataclass(frozen=True)
class AnswersOfSection:
    """`kind` says which part of the template prints it: facts, sites, documents or exclusions."""

    key: str
    label: str
    url: str
    kind: str
    rows: Sequence[Answer | Site | DocumentLine | ExclusionLine]


def answers_of(contents: Contents, language: str) -> list[AnswersOfSection]:
    application = contents.application
    rows: dict[str, tuple[str, Sequence[Any]]] = {
        Section.ORGANISATION: ("facts", _organisation(application)),
        Section.SCOPE: ("facts", _scope(application)),
        Section.SITES: ("sites", contents.sites),
        Section.PREREQUISITES: ("facts", _prerequisites(application)),
        Section.DOCUMENTS: ("documents", _documents(contents, language)),
        Section.EXCLUSIONS: ("exclusions", _exclusions(contents, language)),
    }
    return [
        AnswersOfSection(
            key=section.value,
            label=str(section.label),
            url=section_url(application, section),
            kind=rows[section][0],
            rows=rows[section][1],
        )
        for section in Section
    ]


def organisation_facts(organisation: Organisation) -> list[Answer]:
    return [
        Answer(_("Name"), organisation.name),
        Answer(_("Name in English"), organisation.name_en),
        Answer(_("Unified social credit code"), organisation.credit_code),
        Answer(_("Legal form"), organisation.get_legal_form_display()),
        Answer(_("Registered address"), organisation.registered_address),
        Answer(_("Registered address in English"), organisation.registered_address_en),
        Answer(_("Operating address"), organisation.operating_address),
        Answer(_("Legal representative"), organisation.legal_representative),
        Answer(
            _("Contact"),
            f"{organisation.contact_name} · {organisation.contact_phone} · {organisation.contact_email}",
        ),
    ]


def _organisation(application: Application) -> list[Answer]:
    needed = application.service_managers_needed
    managers: Any = application.managers_trained
    if managers is not None and needed is not None:
        managers = _("%(trained)s (needed: %(needed)s)") % {"trained": managers, "needed": needed}
    return [
        *organisation_facts(application.case.organisation),
        Answer(_("Headcount"), application.headcount),
        Answer(_("Service-management headcount"), application.service_management_headcount),
        Answer(_("Trained after-sales service managers"), managers),
    ]


def _scope(application: Application) -> list[Answer]:
    return [
        Answer(_("Scope in Chinese"), application.scope),
        Answer(_("Scope in English"), application.scope_en),
        Answer(_("Kind of goods"), application.get_goods_display() if application.goods else ""),
    ]


def _yes_no(answer: bool | None) -> str:
    return {True: _("Yes"), False: _("No"), None: ""}[answer]


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _prerequisites(application: Application) -> list[Answer]:
    return [
        Answer(_("The service system runs since"), _day(application.system_running_since)),
        Answer(_("In charge of after-sales service"), application.person_in_charge),
        Answer(_("Funds set aside for after-sales service"), application.funds_note),
        Answer(_("Free of serious problems in the past year"), _yes_no(application.no_serious_fault)),
        Answer(_("Registered in mainland China, operates lawfully"), _yes_no(application.operates_lawfully)),
        Answer(_("Pays the fees itself"), _yes_no(application.pays_fees_itself)),
        Answer(_("Anything else we should know"), application.note),
    ]


def _documents(contents: Contents, language: str) -> list[DocumentLine]:
    return [
        DocumentLine(kind.name.in_language(language), held)
        for kind in contents.scheme.documents
        if (held := contents.documents_of(kind.key))
    ]


def _exclusions(contents: Contents, language: str) -> list[ExclusionLine]:
    scheme = contents.scheme
    return [
        ExclusionLine(
            exclusion,
            scheme.clause(exclusion.clause).title.in_language(language)
            if scheme.has_clause(exclusion.clause)
            else "",
        )
        for exclusion in contents.exclusions
    ]
