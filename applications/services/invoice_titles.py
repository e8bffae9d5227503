from collections.abc import Mapping
from typing import Any

from django.db import transaction

from applications.queries.invoices import title_of
from certbody.accounts.models import Organisation, User
from certbody.trail.services import append


def change_title(*, organisation: Organisation, actor: User, values: Mapping[str, Any]) -> list[str]:
    """Change the invoice title of an organisation and return the names of what changed.

    Invoices that were sent keep the title they were sent with.
    """
    with transaction.atomic():
        fresh = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        title = title_of(fresh)
        changed = [name for name, value in values.items() if getattr(title, name) != value]
        if not changed:
            return []
        for name in changed:
            setattr(title, name, values[name])
        title.save()
        append(
            name="invoice_title.changed", obj=title, case=None, user=actor, data={"fields": sorted(changed)}
        )
    return changed
