from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.catalogue.kinds import fields_of
from applications.catalogue.sections import Section
from applications.models import (
    Application,
    ApplicationDocument,
    ProposedExclusion,
    RequestedChange,
    Site,
    TransferredCertificate,
)
from applications.queries import documents_in_force
from applications.queries.reported import change_under_way, open_sections, was_taken_up_at
from applications.services import documents
from applications.services.review import carry_over
from applications.services.submissions import keep_contents
from applications.states import SiteKind
from certbody import clock
from certbody.accounts.models import User
from certbody.files.checks import CheckedFile
from certbody.workflow import NotReady, WrongState

MOST_DOCUMENTS_OF_A_KIND = 30
MOST_SITES = 300


def touch(application: Application, section: str) -> None:
    """Count an edit of a section."""
    application.edits[section] = {"count": edits_of(application, section) + 1}


def edits_of(application: Application, section: str) -> int:
    """How often a section was edited."""
    count: int = application.edits.get(section, {}).get("count", 0)
    return count


def save(
    application: Application,
    *,
    actor: User,
    section: str,
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """Save fields of one section; what is not named stays."""
    unknown = set(values) - set(fields_of(application, section))
    if unknown:
        raise ValueError(f"not of section {section}: {sorted(unknown)}")
    row = row_of(application, section)
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    _refuse_closed(application, section)
    for name in changed:
        setattr(row, name, values[name])
    touch(application, section)
    if row is not application:
        row.save()
    application.save(update_fields=[*(changed if row is application else ()), "edits"])
    return {"section": section, "fields": changed}


def _refuse_closed(application: Application, section: str) -> None:
    """While a change after the acceptance is under way, only what it is about can be edited. Raises NotReady."""
    report = change_under_way(application)
    if report is not None and section not in open_sections(application, report):
        raise NotReady(
            _(
                "The application is open only for the change that you told us of (%(about)s). Please tell us first if "
                "something else has changed too."
            )
            % {"about": report.about_labels}
        )


def row_of(application: Application, section: str) -> Application | RequestedChange | TransferredCertificate:
    """The row in which the fields of a section stand; one beside the application is made when it is first saved."""
    if section == Section.CHANGE:
        return RequestedChange.objects.filter(application=application).first() or RequestedChange(
            application=application
        )
    if section == Section.TRANSFER:
        return TransferredCertificate.objects.filter(
            application=application
        ).first() or TransferredCertificate(application=application)
    return application


def save_site(
    application: Application,
    *,
    actor: User,
    values: Mapping[str, Any],
    site: int | None = None,
) -> dict[str, Any]:
    """Add a site, or save fields of one of the application's own sites. Raises NotReady, WrongState."""
    _refuse_closed(application, Section.SITES)
    if site is None:
        if application.sites.count() >= MOST_SITES:
            raise NotReady(_("An application takes at most %(most)s sites.") % {"most": MOST_SITES})
        row, changed = Site(application=application), sorted(values)
    else:
        row = _own_site(application, site)
        changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    if "kind" in values:
        _take_the_place(application, row, SiteKind(values["kind"]))
    for name in changed:
        setattr(row, name, values[name])
    row.save()
    touch(application, Section.SITES)
    application.save(update_fields=["edits"])
    return {"section": Section.SITES, "site": row.pk, "fields": changed}


def _take_the_place(application: Application, row: Site, kind: SiteKind) -> None:
    """There is one head office: a site that becomes it makes a branch of the one before, and it stays until then."""
    if row.is_head_office and kind != SiteKind.HEAD_OFFICE:
        raise NotReady(_("The head office stays: mark another site as the head office first."))
    if kind == SiteKind.HEAD_OFFICE and not row.is_head_office:
        application.sites.filter(is_head_office=True).update(is_head_office=False, kind=SiteKind.BRANCH)
    row.is_head_office = kind == SiteKind.HEAD_OFFICE


def remove_site(application: Application, *, actor: User, site: int) -> dict[str, Any]:
    _refuse_closed(application, Section.SITES)
    row = _own_site(application, site)
    if row.is_head_office:
        raise NotReady(_("The head office stays: mark another site as the head office first."))
    # a proof of this site alone proves nothing about the others
    for document in documents_in_force(application).filter(site=row):
        _take_out(document)
    row.delete()
    touch(application, Section.SITES)
    application.save(update_fields=["edits"])
    return {"section": Section.SITES, "site": site}


def _own_site(application: Application, site: int) -> Site:
    row = application.sites.filter(pk=site).first()
    if row is None:
        raise WrongState(_("This site no longer exists; please look at the page again."))
    return row


def save_exclusions(
    application: Application,
    *,
    actor: User,
    reasons: Mapping[str, str],
) -> dict[str, Any]:
    """Set the proposed exclusions named in `reasons`; an empty reason takes one back."""
    _refuse_closed(application, Section.EXCLUSIONS)
    for clause, reason in reasons.items():
        if reason:
            ProposedExclusion.objects.update_or_create(
                application=application, clause=clause, defaults={"reason": reason}
            )
        else:
            application.exclusions.filter(clause=clause).delete()
    touch(application, Section.EXCLUSIONS)
    application.save(update_fields=["edits"])
    clauses = sorted(application.exclusions.values_list("clause", flat=True))
    return {"section": Section.EXCLUSIONS, "clauses": clauses}


def attach(
    application: Application,
    *,
    actor: User,
    kind: str,
    upload: CheckedFile,
    number: str = "",
    expires_on: date | None = None,
    replaces: int | None = None,
    site: int | None = None,
    is_stamped: bool = False,
) -> dict[str, Any]:
    """Add a document to the checklist; with `replaces` the older version stays but is no longer in force."""
    held = documents_in_force(application).filter(kind=kind)
    older = held.filter(pk=replaces).first() if replaces is not None else None
    if replaces is not None and older is None:
        raise WrongState(_("The document to be replaced is no longer there; please look at the page again."))
    if older is None and held.count() >= MOST_DOCUMENTS_OF_A_KIND:
        raise NotReady(
            _("At most %(most)s files of a kind: please join some of them.")
            % {"most": MOST_DOCUMENTS_OF_A_KIND}
        )
    place = _own_site(application, site) if site is not None else None
    document = documents.add(
        application,
        actor=actor,
        kind=kind,
        upload=upload,
        older=older,
        values={"number": number, "expires_on": expires_on, "site": place, "is_stamped": is_stamped},
    )
    touch(application, Section.DOCUMENTS)
    application.save(update_fields=["edits"])
    return {
        "section": Section.DOCUMENTS,
        "document": document.pk,
        "kind": kind,
        "sha256": document.file.sha256,
        "replaces": replaces,
        "site": site,
    }


def detach(application: Application, *, actor: User, document: int) -> dict[str, Any]:
    """Take a document out; its row and file stay, because a review may have seen them."""
    row = documents_in_force(application).filter(pk=document).first()
    if row is None:
        raise WrongState(_("This document is no longer there; please look at the page again."))
    _take_out(row)
    touch(application, Section.DOCUMENTS)
    application.save(update_fields=["edits"])
    return {"section": Section.DOCUMENTS, "document": document, "kind": row.kind}


def _take_out(document: ApplicationDocument) -> None:
    document.removed_at = clock.now()
    document.save(update_fields=["removed_at"])
    documents.no_longer_in_force(document)


def submit(application: Application, *, actor: User) -> dict[str, Any]:
    """Hand the application in; what the review found on unchanged sections of an earlier submission stays valid.

    After an acceptance nothing stays valid: time has passed, and what is changed is judged with all the rest.
    """
    previous = application.revision
    changed = changed_sections(application)
    application.revision = previous + 1
    application.submitted_at = clock.now()
    application.submitted_by = actor
    application.submitted_edits = {section: edits_of(application, section) for section in Section.values}
    application.save(update_fields=["revision", "submitted_at", "submitted_by", "submitted_edits"])
    keep_contents(application, actor=actor)
    if previous and was_taken_up_at(application, previous) is None:
        carry_over(application, since=previous, changed=changed)
    in_force = documents_in_force(application).order_by("pk")
    return {
        "revision": application.revision,
        "changed": sorted(changed),
        "documents": {str(row.pk): row.file.sha256 for row in in_force},
        "sites": sorted(application.sites.values_list("pk", flat=True)),
        "headcount": application.headcount,
    }


def changed_sections(application: Application) -> set[str]:
    """Sections that were edited since the last submission; all of them before the first."""
    if not application.revision:
        return set(Section.values)
    return {
        section
        for section in Section.values
        if edits_of(application, section) != application.submitted_edits.get(section, 0)
    }


def withdraw(application: Application, *, actor: User, reason: str = "") -> dict[str, Any]:
    application.closing_reason = reason
    application.save(update_fields=["closing_reason"])
    return {"revision": application.revision}
