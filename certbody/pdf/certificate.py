"""What a certificate prints, as one plain record, and the drawing of it.

The record (ISO/IEC 17065 7.7) is stored before anything is drawn; a certificate drawn from
the same record twice is the same file, and `certbody.pdf.lint` reads it back against the record.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from unicodedata import east_asian_width

from django.utils import translation
from django.utils.formats import date_format

from certbody.pdf.glyphs import Weight, missing_glyphs
from certbody.pdf.qr import qr_png_data_uri
from certbody.pdf.render import RenderFailed, render_pdf

LONGEST_FACT = 2000  # characters; beyond it a page is no certificate any more
MOST_CLOSING_STEPS = 5  # pages prepared in certificate.css
LANGUAGES = ("zh-hans", "en")
TEMPLATE = "pdf/certificate.html"
DATES = ("first_issued_on", "issued_on", "valid_from", "expires_on", "decided_on")
DATE_FORMATS = {"zh-hans": "Y年n月j日", "en": "j F Y"}
NAME_SIZES = ((30, "large"), (48, "medium"))
DENSITIES = ((2, "airy"), (6, "normal"))


@dataclass(frozen=True, kw_only=True)
class CertificateSite:
    """A certified place of a certificate; an English fact that is empty is printed in Chinese."""

    name_zh: str
    address_zh: str
    activity_zh: str
    name_en: str = ""
    address_en: str = ""
    activity_en: str = ""


@dataclass(frozen=True, kw_only=True)
class CertificateManifest:
    """Every printed fact of one edition in both languages.

    Dates are ISO dates. `grade` is a word of the contract (star5 … qualified), `stars` 0 or 3 to 5.
    `check_url` is the short address that the QR code holds; `national_check_url` is where the regulator shows
    the certificate.
    """

    number: str
    edition: int
    body_name_zh: str
    body_name_en: str
    body_address_zh: str
    body_address_en: str
    approval_number: str
    client_name_zh: str
    client_name_en: str
    client_address_zh: str
    client_address_en: str
    credit_code: str
    scope_zh: str
    scope_en: str
    standard_code: str
    standard_title_zh: str
    standard_title_en: str
    rule_number: str
    rule_version: str
    grade: str
    stars: int
    grade_title_zh: str
    grade_title_en: str
    first_issued_on: str
    issued_on: str
    valid_from: str
    expires_on: str
    decided_on: str
    surveillance_note_zh: str
    surveillance_note_en: str
    next_surveillance_due: str
    check_url: str
    national_check_url: str
    signatory_name_zh: str
    signatory_name_en: str
    signatory_title_zh: str
    signatory_title_en: str
    mark_sentence_zh: str
    mark_sentence_en: str
    accreditation_zh: str = ""
    accreditation_en: str = ""
    sites: tuple[CertificateSite, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The record as it is stored: plain values, ready for canonical JSON."""
        return asdict(self) | {"sites": [asdict(site) for site in self.sites]}


def printed_date(value: str, language: str) -> str:
    """An ISO date as the certificate writes it: 2026年3月1日 or 1 March 2026; empty stays empty."""
    if not value:
        return ""
    with translation.override(language):
        return date_format(date.fromisoformat(value), DATE_FORMATS[language])


def in_language(record: dict[str, Any], fact: str, language: str) -> str:
    """A fact in the certificate's language; where the English one is missing, the Chinese one stands."""
    chinese = str(record[f"{fact}_zh"])
    return chinese if language == "zh-hans" else str(record[f"{fact}_en"]) or chinese


def width_of(text: str) -> int:
    """Width in half characters: a Chinese character counts two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def micro_text(unit: str) -> str:
    """The unit repeated until the line is full: 156 mm at 1.5 point are about 600 half characters."""
    return unit * (600 // width_of(unit) + 1)


def step_of(value: int, steps: tuple[tuple[int, str], ...], beyond: str) -> str:
    return next((name for limit, name in steps if value <= limit), beyond)


def extra_lines(facts: dict[str, Any], language: str) -> int:
    """Lines of the main page beyond one for each fact; a row of its own for sites counts as two."""
    fact_width = 66 if language == "zh-hans" else 58  # half characters beside the labels
    texts = [facts["client_address"], facts["scope"]]
    if len(facts["sites"]) == 1:
        texts.append(" · ".join(facts["sites"][0].values()))
    extra = sum(lines_of(text, fact_width) - 1 for text in texts) + (2 if facts["sites"] else 0)
    name_lines = 2 * (lines_of(facts["client_name"], 62) - 1)
    return extra + name_lines + max(lines_of(facts["client_name_other"], 84) - 1, 0)


def closing_step(facts: dict[str, Any]) -> int:
    """How far the block at the foot of page one outgrows its usual height, in steps of two lines (9 mm).

    Usual are two lines of 104 half characters on surveillance and three of 126 in small print.
    """
    surveillance = lines_of(facts["surveillance_note"], 104, beside=60)
    small_print = lines_of(facts["mark_sentence"], 126) + lines_of(facts["accreditation"], 126)
    small_print += lines_of(facts["body_name"] + facts["body_address"], 126, beside=45)
    signature = lines_of(facts["signatory_title"], 30) + lines_of(facts["body_name"], 30)
    extra = max(surveillance - 2, 0) + max(small_print - 3, 0) + max(signature - 3, 0)
    return -(-extra // 2)


def lines_of(text: str, width: int, *, beside: int = 0) -> int:
    return -(-(width_of(text) + beside) // width) if text else 0


def printed_facts(manifest: dict[str, Any], language: str) -> dict[str, Any]:
    """Every fact as one language prints it; the keys are those of the record without the language."""
    bilingual = sorted(key[:-3] for key in manifest if key.endswith("_zh"))
    facts: dict[str, Any] = {
        key: value for key, value in manifest.items() if not key.endswith(("_zh", "_en"))
    }
    facts |= {key: in_language(manifest, key, language) for key in bilingual}
    facts |= {key: printed_date(manifest[key], language) for key in (*DATES, "next_surveillance_due")}
    facts["sites"] = [
        {key: in_language(site, key, language) for key in ("name", "address", "activity")}
        for site in manifest["sites"]
    ]
    other = manifest["client_name_en" if language == "zh-hans" else "client_name_zh"]
    facts["client_name_other"] = other if other != facts["client_name"] else ""
    other = manifest["body_name_en" if language == "zh-hans" else "body_name_zh"]
    facts["body_name_other"] = other if other != facts["body_name"] else ""
    return facts


def certificate_context(manifest: dict[str, Any], language: str) -> dict[str, Any]:
    facts = printed_facts(manifest, language)
    return {
        "manifest": facts,
        "qr": qr_png_data_uri(facts["check_url"]),
        "short_address": facts["check_url"].partition("://")[2],
        "name_size": step_of(width_of(facts["client_name"]), NAME_SIZES, "small"),
        # one character that only the regular cut has would stand out thin among bold ones
        "name_weight": "regular" if missing_glyphs(facts["client_name"], Weight.BOLD) else "bold",
        "closing_step": closing_step(facts),
        "density": step_of(extra_lines(facts, language), DENSITIES, "dense"),
        "micro_text": micro_text(f"{facts['body_name']} · {facts['standard_code']} · "),
    }


def texts_of(manifest: dict[str, Any]) -> list[str]:
    texts = [value for value in manifest.values() if isinstance(value, str)]
    return texts + [value for site in manifest["sites"] for value in site.values()]


def render_certificate(manifest: dict[str, Any], language: str) -> bytes:
    """Draw one edition in one language. Raises RenderFailed, also for a character that no font has."""
    texts = texts_of(manifest)
    if any(len(text) > LONGEST_FACT for text in texts):
        raise RenderFailed("size", f"a fact of more than {LONGEST_FACT} characters")
    if characters := missing_glyphs("".join(texts)):
        raise RenderFailed("glyph", " ".join(characters))
    context = certificate_context(manifest, language)
    if context["closing_step"] > MOST_CLOSING_STEPS:
        raise RenderFailed("size", "surveillance note, mark sentence and signature leave no room")
    return render_pdf(TEMPLATE, context, language=language)
