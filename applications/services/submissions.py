"""The contents of an application, kept as they went into review."""

import json
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from applications.catalogue.sections import FIELDS
from applications.models import Application, ApplicationSubmission, Site
from applications.queries import documents_in_force
from certbody.accounts.models import Organisation, User

ORGANISATION_FIELDS = (
    "name", "name_en", "credit_code", "legal_form", "registered_address", "registered_address_en",
    "operating_address", "legal_representative", "contact_name", "contact_phone", "contact_email",
)  # fmt: skip


def site_fields() -> list[str]:
    """What a client says about a site."""
    own = {"id", "application"}
    return [field.name for field in Site._meta.concrete_fields if field.name not in own]


def keep_contents(application: Application, *, actor: User | None) -> None:
    """Keep what goes into review as this revision."""
    ApplicationSubmission.objects.create(
        application=application, revision=application.revision, content=contents_now(application), by=actor
    )


def contents_now(application: Application) -> dict[str, Any]:
    """Plain values of everything that the client supplies, as JSON holds them."""
    organisation: Organisation = application.case.organisation
    names = [name for fields in FIELDS.values() for name in fields]
    found = {
        "organisation": _values(organisation, ORGANISATION_FIELDS),
        "fields": _values(application, names),
        "sites": {str(site.pk): _values(site, site_fields()) for site in application.sites.order_by("pk")},
        "documents": {
            str(row.pk): {
                "kind": row.kind,
                "file": str(row.file_id),
                "name": row.file.name,
                "sha256": row.file.sha256,
                "number": row.number,
                "expires_on": row.expires_on,
            }
            for row in documents_in_force(application).order_by("pk")
        },
        "exclusions": dict(application.exclusions.values_list("clause", "reason")),
    }
    plain: dict[str, Any] = json.loads(json.dumps(found, cls=DjangoJSONEncoder))
    return plain


def _values(row: models.Model, names: Any) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> str | int | bool | date | None:
    return value if isinstance(value, str | int | bool | date) or value is None else str(value)
