"""The answers of an application as pages print them: section by section, label and value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from applications.catalogue.kinds import fields_of, is_asked, sections_of
from applications.catalogue.sections import Section, section_url
from applications.models import Application, ApplicationDocument, ProposedExclusion, Site
from applications.queries.completeness import Contents
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

    @property
    def empty(self) -> str:
        """What stands where a section has no rows; no exclusion is an answer, not a gap."""
        if self.key == Section.EXCLUSIONS:
            return _("No clause is left out: every clause of the standard applies.")
        return _("Nothing entered.")


def answers_of(contents: Contents, language: str) -> list[AnswersOfSection]:
    application = contents.application
    rows: dict[str, tuple[str, Sequence[Any]]] = {
        Section.CHANGE: ("facts", _change(contents)),
        Section.TRANSFER: ("facts", _transfer(contents)),
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
        for section in sections_of(application)
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
    help_from = application.get_agent_kind_display() if application.agent_kind else ""
    return [
        *organisation_facts(application.case.organisation),
        Answer(_("Headcount"), application.headcount),
        Answer(_("Service-management headcount"), application.service_management_headcount),
        Answer(_("Trained after-sales service managers"), managers),
        Answer(_("Help with the application"), " · ".join(filter(None, (help_from, application.agent_name)))),
    ]


def _scope(application: Application) -> list[Answer]:
    return [
        Answer(_("Scope in Chinese"), application.scope),
        Answer(_("Scope in English"), application.scope_en),
        Answer(_("Kind of goods"), application.get_goods_display() if application.goods else ""),
        Answer(_("Categories of goods"), application.product_categories),
    ]


def words_of(answer: bool | None, yes: str, no: str) -> str:
    """The answer to a question of yes or no in its own words; nothing while it is open."""
    return {True: yes, False: no, None: ""}[answer]


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _prerequisites(application: Application) -> list[Answer]:
    lines = (
        ("system_running_since", _("The service system runs since"), _day(application.system_running_since)),
        ("person_in_charge", _("In charge of after-sales service"), application.person_in_charge),
        ("funds_note", _("Funds set aside for after-sales service"), application.funds_note),
        (
            "no_serious_fault",
            _("Serious problems in the past year"),
            words_of(application.no_serious_fault, _("There were none."), _("There was at least one.")),
        ),
        (
            "operates_lawfully",
            _("Registered in mainland China, operates lawfully"),
            words_of(application.operates_lawfully, _("Yes"), _("No")),
        ),
        (
            "pays_fees_itself",
            _("Payment of the certification fees"),
            words_of(
                application.pays_fees_itself,
                _("The organisation pays them itself."),
                _("Somebody else pays them."),
            ),
        ),
        ("note", _("Anything else we should know"), application.note),
    )
    return [Answer(label, value) for name, label, value in lines if is_asked(application, name)]


def _change(contents: Contents) -> list[Answer]:
    change, asked = contents.change, fields_of(contents.application, Section.CHANGE)
    if change is None:
        return []
    lines = (
        ("name", _("New name"), change.name),
        ("name_en", _("New name in English"), change.name_en),
        ("address", _("New registered address"), change.address),
        ("address_en", _("New registered address in English"), change.address_en),
        ("changed_on", _("In force since"), _day(change.changed_on)),
        (
            "scope_effect",
            _("The new scope"),
            change.get_scope_effect_display() if change.scope_effect else "",
        ),
        ("grade", _("Wished grade"), change.get_grade_display() if change.grade else ""),
        ("reason", _("Reason"), change.reason),
    )
    return [Answer(label, value) for name, label, value in lines if name in asked]


def _transfer(contents: Contents) -> list[Answer]:
    row = contents.transferred
    if row is None:
        return []
    findings = words_of(row.has_open_findings, _("Some are open"), _("All are closed"))
    return [
        Answer(_("Issued by"), " · ".join(filter(None, (row.issuer, row.issuer_approval)))),
        Answer(_("Certificate number"), row.number),
        Answer(_("Grade"), row.get_grade_display() if row.grade else ""),
        Answer(_("Issued on"), _day(row.issued_on)),
        Answer(_("Last valid day"), _day(row.expires_on)),
        Answer(_("State today"), row.get_declared_state_display() if row.declared_state else ""),
        Answer(_("Day of the last audit"), _day(row.last_audit_on)),
        Answer(_("Findings of the other body"), findings),
        Answer(_("Reason of the transfer"), row.reason),
    ]


def _documents(contents: Contents, language: str) -> list[DocumentLine]:
    return [
        DocumentLine(kind.name.in_language(language), held)
        for kind in contents.documents_asked
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
