"""The sections of an application: one address each, in the order in which they are filled in."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.models import Application


class Section(models.TextChoices):
    """Every section that some kind of application has; `kinds` says which one has which."""

    CHANGE = "change", _("What is to change")
    TRANSFER = "transfer", _("Certificate of the other body")
    ORGANISATION = "organisation", _("Organisation")
    SCOPE = "scope", _("Scope and goods")
    SITES = "sites", _("Sites")
    PREREQUISITES = "prerequisites", _("Prerequisites")
    DOCUMENTS = "documents", _("Documents")
    EXCLUSIONS = "exclusions", _("Clauses that do not apply")


# Fields of the application itself that a section saves; sites, documents and exclusions are rows of their own.
FIELDS: dict[str, tuple[str, ...]] = {
    Section.ORGANISATION: (
        "headcount",
        "service_management_headcount",
        "managers_trained",
        "agent_kind",
        "agent_name",
    ),
    Section.SCOPE: ("scope", "scope_en", "goods", "product_categories"),
    Section.PREREQUISITES: (
        "system_running_since",
        "person_in_charge",
        "funds_note",
        "no_serious_fault",
        "operates_lawfully",
        "pays_fees_itself",
        "note",
    ),
}

# Fields of the row beside the application that a section saves.
FIELDS_BESIDE: dict[str, tuple[str, ...]] = {
    Section.CHANGE: (
        "name",
        "name_en",
        "address",
        "address_en",
        "changed_on",
        "scope_effect",
        "grade",
        "reason",
    ),
    Section.TRANSFER: (
        "issuer",
        "issuer_approval",
        "number",
        "grade",
        "issued_on",
        "expires_on",
        "declared_state",
        "last_audit_on",
        "has_open_findings",
        "reason",
    ),
}


def section_url(application: Application, section: str) -> str:
    return reverse("applications:section", args=[application.case.reference, section])


def check_url(application: Application) -> str:
    """The page on which the client checks all answers and submits."""
    return reverse("applications:check", args=[application.case.reference])


def questions_url(application: Application) -> str:
    return reverse("applications:questions", args=[application.case.reference])


def portal_url(application: Application) -> str:
    """The client's page of an application."""
    return reverse("applications:overview", args=[application.case.reference])


def desk_url(application: Application) -> str:
    return reverse("applications:desk", args=[application.case.reference])
