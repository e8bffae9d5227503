"""Actions on several rows of a list that are no step of a table."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.forms.bulk import OwnerOfManyForm
from applications.services.serving import WHO_NAMES, set_customer_service_owner
from certbody.accounts.models import Organisation, User
from certbody.permissions import has_role
from certbody.web.lists import BulkAction
from certbody.workflow import NotAllowed, NotReady, Refused, WrongState

_may_name = has_role(*WHO_NAMES)


def _refusal(organisation: Organisation, user: User) -> Refused | None:
    verdict = _may_name(user, organisation)
    return None if verdict else NotAllowed(verdict.reason)


def _name_owner(organisation: Organisation, user: User, values: Mapping[str, Any]) -> None:
    """Name who looks after one client; whether the reader still may is asked once the client is locked."""
    with transaction.atomic():
        locked = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        actor = User.objects.select_related("person").get(pk=user.pk)
        if refused := _refusal(locked, actor):
            raise refused
        try:
            is_new = set_customer_service_owner(organisation=locked, person=values["person"], actor=actor)
        except ValidationError as fault:
            raise NotReady(" ".join(fault.messages)) from fault
        if not is_new:
            raise WrongState(_("This person looks after the client already."))


NAME_OWNER = BulkAction(
    key="owner",
    label=_("Name the customer-service owner"),
    hint=_("The clients see this name as their contact."),
    may_use=lambda user: user.has_role(*WHO_NAMES),
    refusal=_refusal,
    act=_name_owner,
    form=OwnerOfManyForm,
)
