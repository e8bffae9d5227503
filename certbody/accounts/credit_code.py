"""Unified social credit code, GB 32100-2015: 18 characters, the last one a check character modulo 31."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# GB/T 2260: the first two digits of the division in which somebody is registered
OUTSIDE_MAINLAND = ("71", "81", "82")
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, position, 31) for position in range(17))


def check_character(first_seventeen: str) -> str:
    """Return the eighteenth character for the first seventeen."""
    total = sum(
        ALPHABET.index(character) * weight for character, weight in zip(first_seventeen, WEIGHTS, strict=True)
    )
    return ALPHABET[-total % 31]


def normal_form(text: str) -> str:
    return "".join(text.split()).upper()


def is_of_mainland(code: str) -> bool:
    """Whether the division in a well-formed code, its third to eighth character, lies in mainland China."""
    return code[2:4] not in OUTSIDE_MAINLAND


def validate_credit_code(text: str) -> None:
    """Refuse a code that is not 18 characters of the alphabet or whose check character is wrong."""
    code = normal_form(text)
    if len(code) != 18:
        raise ValidationError(_("A unified social credit code has 18 characters."), code="length")
    wrong = sorted({character for character in code if character not in ALPHABET})
    if wrong:
        raise ValidationError(
            _("A unified social credit code does not contain %(characters)s."),
            code="alphabet",
            params={"characters": " ".join(wrong)},
        )
    if check_character(code[:17]) != code[17]:
        raise ValidationError(
            _("The check character does not fit: please compare the code with the business licence."),
            code="check",
        )
