"""Numbers of identity documents: a resident identity number (GB 11643-1999) by its form and check character.

Other documents, such as a passport or a travel permit, have numbers without a public check: only their form is looked
at. More than twelve digits in a row are no such number, so a resident number with a digit too few is not taken for one.
"""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.identity import normal_form

RESIDENT = re.compile(r"\d{17}[\dX]", re.ASCII)
LIKE_RESIDENT = re.compile(r"\d{12,}[A-Z]?", re.ASCII)
OTHER = re.compile(r"(?=(?:.*\d){4})[A-Z0-9]{5,20}", re.ASCII)
STRANGE = re.compile(r"[^\w\s()（）/-]|_")  # what people do not write into such a number
WEIGHTS = tuple(pow(2, 17 - position, 11) for position in range(17))
CHECKS = "10X98765432"


def check_character(first_seventeen: str) -> str:
    """The eighteenth character of a resident number for the first seventeen."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, WEIGHTS, strict=True))
    return CHECKS[total % 11]


def validate_identity_number(text: str) -> None:
    """Refuse what cannot be the number of an identity document, with a sentence that says what to compare."""
    number = "" if STRANGE.search(text) else normal_form(text)
    if LIKE_RESIDENT.fullmatch(number):
        _validate_resident(number)
    elif not OTHER.fullmatch(number):
        raise ValidationError(
            _("The number of an identity document has 5 to 20 letters and digits."), code="form"
        )


def _validate_resident(number: str) -> None:
    if not RESIDENT.fullmatch(number):
        raise ValidationError(
            _("A resident identity number has 18 characters: 17 digits, then a digit or X."), code="length"
        )
    if not _is_birthday(number[6:14]):
        raise ValidationError(
            _("Characters 7 to 14 are no birthday: please compare the number with the identity card."),
            code="birthday",
        )
    if check_character(number[:17]) != number[17]:
        raise ValidationError(
            _("The last character does not fit: please compare the number with the identity card."),
            code="check",
        )


def _is_birthday(digits: str) -> bool:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= day <= clock.today()
