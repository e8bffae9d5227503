"""Which characters our fonts can draw; a name that cannot be drawn is refused when it is typed."""

import unicodedata
from enum import Enum
from functools import cache
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

FONTS = Path(__file__).parent / "fonts"


class Weight(Enum):
    REGULAR = "NotoSerifSC-Regular.ttf"
    BOLD = "NotoSerifSC-Bold-subset.ttf"


@cache
def drawable(weight: Weight) -> frozenset[int]:
    """Code points of a font; read from the file once a process."""
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / weight.value, lazy=True) as font:
        return frozenset(font.getBestCmap())


def missing_glyphs(text: str, weight: Weight = Weight.REGULAR) -> list[str]:
    """The characters of `text`, each once, that the font cannot draw; line ends do not count."""
    known = drawable(weight)
    return [
        character
        for character in dict.fromkeys(text)
        if character not in "\r\n\t" and ord(character) not in known
    ]


def is_invisible(character: str) -> bool:
    """True for characters that change or hide text unseen: direction marks, zero width, control."""
    return (
        unicodedata.category(character) in {"Cf", "Cc", "Cs", "Co", "Zl", "Zp"} and character not in "\r\n\t"
    )


def without_invisible(text: str) -> str:
    return "".join(character for character in text if not is_invisible(character))


def named(character: str) -> str:
    """`𠮷 (U+20BB7)`, or only the number for a character that cannot be seen."""
    number = f"U+{ord(character):04X}"
    return number if is_invisible(character) else f"{character} ({number})"


def validate_printable(text: str) -> None:
    """Refuse text that could not be printed on a certificate as it was typed, naming each character."""
    if hidden := [character for character in dict.fromkeys(text) if is_invisible(character)]:
        raise ValidationError(
            _("Please remove invisible characters: %(characters)s."),
            code="invisible",
            params={"characters": ", ".join(map(named, hidden))},
        )
    if missing := missing_glyphs(text):
        raise ValidationError(
            _("These cannot be printed on a certificate, please write them otherwise: %(characters)s."),
            code="not_printable",
            params={"characters": ", ".join(map(named, missing))},
        )
