"""Reads a certificate back as a stranger would and compares it with the record it was drawn from."""

from typing import Any

from certbody.pdf.certificate import printed_facts
from certbody.pdf.glyphs import missing_glyphs, named
from certbody.pdf.read import addresses_in, fonts_of, has_active_content, pages_of, qr_codes_of

STAR = "★"
RUNS_ON_FROM = 200
PRINTED = (
    "number",
    "body_name",
    "body_address",
    "approval_number",
    "client_name",
    "client_name_other",
    "client_address",
    "credit_code",
    "scope",
    "standard_code",
    "standard_title",
    "rule_number",
    "rule_version",
    "grade_title",
    "first_issued_on",
    "issued_on",
    "valid_from",
    "expires_on",
    "decided_on",
    "surveillance_note",
    "next_surveillance_due",
    "national_check_url",
    "signatory_name",
    "signatory_title",
    "mark_sentence",
    "accreditation",
)


def lint_certificate(pdf: bytes, manifest: dict[str, Any], language: str) -> list[str]:
    """Every fault of a drawn certificate, one short line each; an empty list lets it be signed."""
    facts = printed_facts(manifest, language)
    pages = [_squeezed(page) for page in pages_of(pdf)]
    text = "".join(pages)
    faults = [
        f"{fact} is not printed: {facts[fact]}"
        for fact in PRINTED
        if not _is_printed(_squeezed(str(facts[fact])), pages)
    ]
    several = len(facts["sites"]) > 1
    for position, site in enumerate(facts["sites"] if several else (), start=1):
        faults += [
            f"site {position}: {fact} is not printed"
            for fact, value in site.items()
            if _squeezed(value) not in text
        ]
    if text.count(STAR) != facts["stars"]:
        faults.append(f"{text.count(STAR)} stars are printed instead of {facts['stars']}")
    if len(pages) < (2 if several else 1):
        faults.append(f"{len(pages)} page(s), the annex of the sites is missing")
    if (codes := qr_codes_of(pdf)) != [manifest["check_url"]]:
        faults.append(f"the QR code says {codes}")
    faults += [f"font {name} is not embedded" for name, embedded in fonts_of(pdf).items() if not embedded]
    if has_active_content(pdf):
        faults.append("active content")
    if strange := addresses_in(pdf) - {manifest["check_url"]}:
        faults.append(f"links to {', '.join(sorted(strange))}")
    # what no font has is drawn as an empty place that still says in the text which character it stands for
    if boxes := missing_glyphs(text):
        faults.append(f"no glyph for {' '.join(map(named, boxes))}")
    return faults


def _is_printed(fact: str, pages: list[str]) -> bool:
    """True when the fact stands on one page, or runs on over the next ones if it is of many lines."""
    if len(fact) < RUNS_ON_FROM:
        return any(fact in page for page in pages)
    for page in pages:
        length = len(fact)
        while fact[:length] not in page:
            length -= 1
        fact = fact[length:]
    return not fact


def _squeezed(text: str) -> str:
    """Text without white space: on paper a line may end anywhere."""
    return "".join(text.split())
