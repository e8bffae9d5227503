"""What a value must satisfy beyond its kind."""

import re
from collections.abc import Iterable
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from certbody.body.fields import read_fields
from certbody.scheme.model import PersonDayRow

_TEMPLATE = re.compile(r"(?:[A-Z0-9]|\{(?:cb_code|yy|cycle)\}|\{seq(?::0[1-9])?\})+")
_CODE = re.compile(r"[A-Z0-9]+")


def check_number_template(template: str) -> None:
    """Upper-case letters, digits and four placeholders: a number has no blank, and the text is no program."""
    if not _TEMPLATE.fullmatch(template):
        raise ValidationError(
            _("Use upper-case letters, digits and the placeholders %(known)s only."),
            code="template",
            params={"known": "{cb_code} {yy} {seq:05} {cycle}"},
        )
    if len(re.findall(r"\{seq", template)) != 1 or "{yy}" not in template:
        raise ValidationError(
            _("The year {yy} and the running number {seq:05} must each stand in it."), code="sequence"
        )


def check_code(code: str) -> None:
    if not _CODE.fullmatch(code):
        raise ValidationError(_("Use upper-case letters and digits only."), code="code")


def check_person_days(rows: Iterable[PersonDayRow]) -> None:
    """Rows follow each other without a gap, and in each planning and on-site days add up to the total."""
    table = tuple(rows)
    if not table or table[0].first != 1:
        raise ValidationError(_("The first row must begin with one person."), code="first")
    for row in table:
        if row.last < row.first:
            raise ValidationError(
                _("Row from %(first)s: it ends before it begins."), params={"first": row.first}
            )
        if row.initial_planning + row.initial_site != row.initial_total:
            raise ValidationError(
                _("Row from %(first)s: planning and on-site days do not add up to the total."),
                params={"first": row.first},
            )
    for before, after in pairwise(table):
        if after.first != before.last + 1:
            raise ValidationError(
                _("Row from %(first)s: the row before ends with %(last)s."),
                params={"first": after.first, "last": before.last},
            )


def check_fields(text: str) -> None:
    """Each entry is a code and a name; a field without a code could not be named in a review."""
    try:
        found = read_fields(text)
    except ValueError as fault:
        raise ValidationError(
            _("Write each field as its code and its name: “%(entry)s” is not."),
            code="field",
            params={"entry": str(fault)},
        ) from fault
    if not found:
        raise ValidationError(_("Name at least one field."), code="field")
