from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from applications.catalogue.sections import Section
from applications.models import Application
from applications.services.applications import touch
from applications.states import WRITABLE, ApplicationState
from certbody import clock
from certbody.accounts.credit_code import is_of_mainland, normal_form
from certbody.accounts.models import Membership, MembershipRole, Organisation, User
from certbody.body.settings_catalogue import setting
from certbody.cases.models import Case
from certbody.trail.services import append

# What is printed in contracts and on certificates; it stands still while the body works with it.
IDENTITY = (
    "name",
    "name_en",
    "credit_code",
    "legal_form",
    "registered_address",
    "registered_address_en",
    "legal_representative",
)
ALREADY_REGISTERED = _(
    "This organisation is already registered here. Ask to be let in: enter the credit code once more as the first step "
    "of registering."
)
TOO_MANY_TODAY = _(
    "You have registered %(most)s organisations within a day. Please try again tomorrow, or call us."
)
NOT_OF_MAINLAND = _("Only organisations registered in mainland China can be certified here.")


def organisation_of_code(code: str) -> Organisation | None:
    """The organisation that is registered under a credit code, however that is typed."""
    return Organisation.objects.filter(credit_code=normal_form(code)).first()


def create_organisation(*, actor: User, values: Mapping[str, Any]) -> Organisation:
    """Register an organisation; who registers it becomes its owner.

    Raises ValidationError when it is known already or not registered in mainland China (docs/decisions/0017).
    """
    fields = {**values, "credit_code": normal_form(values["credit_code"])}
    if not is_of_mainland(fields["credit_code"]):
        raise ValidationError({"credit_code": NOT_OF_MAINLAND})
    with transaction.atomic():
        _refuse_flood(actor)
        if Organisation.objects.filter(credit_code=fields["credit_code"]).exists():
            raise ValidationError({"credit_code": ALREADY_REGISTERED})
        try:
            with transaction.atomic():
                organisation = Organisation.objects.create(**fields)
        except IntegrityError as fault:
            raise ValidationError({"credit_code": ALREADY_REGISTERED}) from fault
        Membership.objects.create(organisation=organisation, person=actor.person, role=MembershipRole.OWNER)
        append(
            name="organisation.created",
            obj=organisation,
            case=None,
            user=actor,
            data={"credit_code": organisation.credit_code},
        )
    return organisation


def _refuse_flood(actor: User) -> None:
    """A person registers few organisations a day: whoever takes codes that are not his is at least slow."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # of many at once each counts the others
    of_today = (clock.now() - timedelta(days=1), clock.now())
    registered = Membership.objects.filter(
        person=actor.person,
        role=MembershipRole.OWNER,
        created_at__range=of_today,
        organisation__created_at__range=of_today,
    )
    most = setting("organisations_a_day")
    if registered.count() >= most:
        raise ValidationError(TOO_MANY_TODAY % {"most": most})


def identity_is_locked(organisation: Organisation) -> bool:
    """True while an application is in review or accepted: then name, code and address change only with the body."""
    return Application.objects.filter(
        case__organisation=organisation, state__in=(ApplicationState.SUBMITTED, ApplicationState.ACCEPTED)
    ).exists()


def _locked_applications(organisation: Organisation) -> list[Application]:
    """The organisation's applications, locked in the order case → application: none is submitted from here on.

    The organisation itself is locked already, so that none begins either.
    """
    list(Case.objects.select_for_update(no_key=True).filter(organisation=organisation).order_by("pk"))
    rows = Application.objects.select_for_update(no_key=True, of=("self",))
    return list(rows.filter(case__organisation=organisation).order_by("pk"))


def change_organisation(*, organisation: Organisation, actor: User, values: Mapping[str, Any]) -> list[str]:
    """Change an organisation's data and return the names of the changed fields. Raises ValidationError."""
    with transaction.atomic():
        fresh = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        applications = _locked_applications(fresh)
        changed = [name for name, value in values.items() if getattr(fresh, name) != value]
        if not changed:
            return []
        if identity_is_locked(fresh) and set(changed) & set(IDENTITY):
            raise ValidationError(
                _(
                    "Name, credit code, legal form, registered address and legal representative cannot change while an "
                    "application is in review or accepted. Please write to us."
                )
            )
        for name in changed:
            setattr(fresh, name, values[name])
        try:
            with transaction.atomic():
                fresh.save(update_fields=changed)
        except IntegrityError as fault:
            raise ValidationError({"credit_code": ALREADY_REGISTERED}) from fault
        for application in applications:
            if application.state in WRITABLE:
                touch(application, Section.ORGANISATION)
                application.save(update_fields=["edits"])
        append(
            name="organisation.changed", obj=fresh, case=None, user=actor, data={"fields": sorted(changed)}
        )
    return changed
