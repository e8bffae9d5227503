"""Numbers by the form that the body has set: of certificates, invoices and credit notes."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from certbody.workflow import NotReady

PLACEHOLDER = re.compile(r"\{(?P<name>[a-z_]+)(?::0(?P<width>[1-9]))?\}")
NUMBER = re.compile(r"[A-Z0-9-]{4,40}")


def number_from(template: str, facts: Mapping[str, str | int]) -> str:
    """Fill the body's template of numbers; only its own placeholders are read, `:05` pads with zeros.

    Raises NotReady for an unknown placeholder or a result that is not upper-case letters, digits and hyphens.
    """

    def fill(match: re.Match[str]) -> str:
        value = facts.get(match["name"])
        if value is None:
            raise NotReady(
                _("The form of the number names something unknown: %(name)s.") % {"name": match[0]}
            )
        return str(value).zfill(int(match["width"] or 0))

    number = PLACEHOLDER.sub(fill, template).upper()
    if not NUMBER.fullmatch(number):
        raise NotReady(
            _("The form of the number gives “%(number)s”: only letters, digits and hyphens are allowed.")
            % {"number": number}
        )
    return number
