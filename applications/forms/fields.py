import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certbody.pdf.glyphs import validate_printable, without_invisible

CHINESE = re.compile(r"[\u3000-\u9fff\uf900-\ufaff\uff00-\uffef]")
Sentence = str | Promise
LATIN = re.compile(r"[A-Za-z]")


class PrintedField(forms.CharField):
    """Text that contracts and certificates print: one line, without invisible characters, of letters that print."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(validate_printable)

    def to_python(self, value: Any) -> str:
        return " ".join(without_invisible(str(super().to_python(value) or "")).split())


def validate_english(text: str) -> None:
    """Refuse what the English side cannot print, with one sentence that says what to change."""
    if CHINESE.search(text):
        raise ValidationError(
            _("Please write this in English, without Chinese characters; the English certificate prints it."),
            code="chinese",
        )
    if not LATIN.search(text):
        raise ValidationError(
            _("Please write this in English, with Latin letters; the English certificate prints it."),
            code="not_latin",
        )


class EnglishField(PrintedField):
    """Text that the English side of contracts and certificates prints: Latin letters, no Chinese."""

    default_validators = (validate_english,)


class PhoneField(forms.CharField):
    """A telephone number as people write it: at least six digits, an extension if need be."""

    default_validators = (
        RegexValidator(
            r"^(?=(?:\D*\d){6})[\d\s()+./#*\-]+(?:\s*(?:转|轉|ext\.?|x)\s*\d{1,6})?$",
            _("This is not a telephone number, for example 0755-12345678 or 138 0000 0000."),
        ),
    )


class YesNoField(forms.TypedChoiceField):
    """Yes, no or not answered yet (None); `yes` and `no` are the answers in words, so that neither can be mistaken."""

    def __init__(self, *, yes: Sentence, no: Sentence, **options: Any) -> None:
        options.setdefault("widget", forms.RadioSelect)
        super().__init__(
            choices=[("true", yes), ("false", no)],
            coerce=lambda value: value == "true",
            empty_value=None,
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


class CountField(forms.IntegerField):
    """A number of people."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.NumberInput(attrs={"inputmode": "numeric", "min": "0"}))
        super().__init__(min_value=0, max_value=2_000_000, **options)


def area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": str(rows)})


def counted(well: int) -> forms.Textarea:
    """An area whose characters are counted while typing, against the number that prints well and the most."""
    return forms.Textarea(attrs={"rows": "3", "data-count": str(well)})
