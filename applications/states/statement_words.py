"""Words for what an account statement lists."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.states.invoices import PaymentKind

_ENTRIES: dict[str, str | Promise] = {
    "invoice": _("Invoice"),
    "credit_note": _("Credit note"),
    **{kind.value: kind.label for kind in PaymentKind},
}


def entry_label(kind: str) -> str | Promise:
    return _ENTRIES[kind]
