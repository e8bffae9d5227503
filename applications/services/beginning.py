"""Effects of beginning an application, and of going on with a transfer as an initial certification."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.catalogue.kinds import asked_of
from applications.catalogue.sections import FIELDS, Section
from applications.models import Application, RequestedChange, Site
from applications.queries import open_application_of
from applications.queries.held import HeldCertificate, standing_certificate_of
from applications.services.applications import touch
from applications.states import ApplicationKind, SiteKind
from certbody.accounts.models import Organisation, User
from certbody.cases.models import Case, CaseKind
from certbody.cases.services import open_case
from certbody.workflow import WrongState

# What an earlier application said and an auditor hears again; declarations are made anew each time.
_KNOWN_FROM_BEFORE = (*FIELDS[Section.SCOPE], "system_running_since", "person_in_charge", "funds_note")


def begin(application: Application, *, actor: User) -> dict[str, Any]:
    """Open the case and its application, filled with what the organisation, its certificate and its past say."""
    wish = application.case
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=wish.organisation_id)
    if open_application_of(organisation, wish.scheme):
        raise WrongState(_("An application of this organisation is already under way."))
    asked = asked_of(application)
    held = standing_certificate_of(organisation, wish.scheme) if asked.rests_on_certificate else None
    application.case = open_case(
        organisation=organisation,
        scheme=wish.scheme,
        kind=asked.case_kind,
        cycle=_cycle(held, asked.case_kind) if held else wish.cycle,
        previous=Case.objects.get(pk=held.case_id) if held else wish.previous,
    )
    application.headcount = organisation.headcount
    application.service_management_headcount = organisation.service_management_headcount
    application.managers_trained = organisation.managers_trained
    if held is None:
        application.save()
        _first_site(application, organisation)
    else:
        _take_over(application, held)
    return {
        "organisation": organisation.pk,
        "scheme": wish.scheme,
        "kind": application.case.kind,
        "application_kind": application.kind,
        "certificate": held.number if held else None,
    }


def _cycle(held: HeldCertificate, kind: CaseKind) -> int:
    return held.cycle + 1 if kind == CaseKind.RECERTIFICATION else held.cycle


def _first_site(application: Application, organisation: Organisation) -> None:
    """The head office; its English address is known only where it is the registered one."""
    is_registered = organisation.operating_address == organisation.registered_address
    Site.objects.create(
        application=application,
        name=organisation.name,
        name_en=organisation.name_en,
        address=organisation.operating_address,
        address_en=organisation.registered_address_en if is_registered else "",
        kind=SiteKind.HEAD_OFFICE,
        is_head_office=True,
    )


def _take_over(application: Application, held: HeldCertificate) -> None:
    """Nobody types again what the certificate prints or the application behind it said."""
    before = Application.objects.filter(case=held.case_id).first()
    if before is not None:
        for name in _KNOWN_FROM_BEFORE:
            setattr(application, name, getattr(before, name))
    application.scope, application.scope_en = held.scope, held.scope_en
    application.save()
    if not held.sites:
        _first_site(application, application.case.organisation)
    known = {site.name: site for site in before.sites.all()} if before is not None else {}
    for number, site in enumerate(held.sites):
        figures = known.pop(site.name, None)
        is_head = figures.is_head_office if figures else number == 0 and before is None
        Site.objects.create(
            application=application,
            name=site.name,
            name_en=site.name_en,
            address=site.address,
            address_en=site.address_en,
            activity=site.activity,
            activity_en=site.activity_en,
            headcount=figures.headcount if figures else None,
            service_management_headcount=figures.service_management_headcount if figures else None,
            managers_trained=figures.managers_trained if figures else None,
            kind=SiteKind.HEAD_OFFICE if is_head else figures.kind if figures else SiteKind.BRANCH,
            is_head_office=is_head,
        )
    RequestedChange.objects.create(
        application=application,
        name=held.name,
        name_en=held.name_en,
        address=held.address,
        address_en=held.address_en,
    )


def become_initial(application: Application, *, actor: User) -> dict[str, Any]:
    """Go on with a transfer as an initial certification: everything typed and uploaded stays."""
    application.kind = ApplicationKind.INITIAL
    touch(application, Section.TRANSFER)
    application.save(update_fields=["kind", "edits"])
    Case.objects.filter(pk=application.case_id).update(kind=CaseKind.INITIAL)
    application.case.kind = CaseKind.INITIAL
    return {"kind": CaseKind.INITIAL}
