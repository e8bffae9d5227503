"""Goal 2: a certificate before signing: small, its fonts embedded and subset, no glyph of another client's name.

The other client's certificate is drawn just before by the same waiting process, so whatever it kept could come along.
"""

import re
import unicodedata
from io import BytesIO

import pikepdf

from benchmarks import harness

FOREIGN_NAME = "鑫璟曦馨餐饮管理"


MAPPED = re.compile(r"^<[0-9a-f]+> <([0-9a-f]+)>$", re.MULTILINE | re.IGNORECASE)


def characters_of_fonts(pdf: bytes) -> set[str]:
    """Every character that the fonts of the file hold a glyph for, as their tables to Unicode say."""
    with pikepdf.open(BytesIO(pdf)) as document:
        fonts = [
            item for item in document.objects if isinstance(item, pikepdf.Dictionary) and "/ToUnicode" in item
        ]
        tables = [font["/ToUnicode"].read_bytes().decode("ascii") for font in fonts]
    texts = [bytes.fromhex(text).decode("utf-16-be") for table in tables for text in MAPPED.findall(table)]
    return set("".join(texts))


def main() -> None:
    tiny = harness.options(__doc__).tiny
    harness.start_django()
    from benchmarks.sample_certificate import MANIFEST
    from certbody.pdf.certificate import LANGUAGES, render_certificate
    from certbody.pdf.read import fonts_of, text_of

    goals = []
    for language in LANGUAGES[:1] if tiny else LANGUAGES:
        render_certificate(MANIFEST | {"client_name_zh": FOREIGN_NAME}, language)
        pdf = render_certificate(MANIFEST, language)
        fonts = fonts_of(pdf)
        assert all(fonts.values()), "every font is embedded"
        assert all(re.match(r"[A-Z]{6}\+", name) for name in fonts), "every font is a subset"
        drawn = characters_of_fonts(pdf)
        text = text_of(pdf)
        # ligatures are taken apart; what stands for "no character" is the empty glyph that every font has
        strange = drawn - set(text) - set(unicodedata.normalize("NFKC", text)) - {" ", "\uffff"}
        assert not strange, f"glyphs that this certificate does not print: {strange}"
        assert not drawn & set(FOREIGN_NAME) - set(str(MANIFEST))
        name = f"certificate_size: {language}, before signing"
        goals.append(harness.Goal(name=name, figure=len(pdf) / 1000, limit=70, unit="kB"))
    harness.print_line(harness.Line(benchmark="certificate_size", goals=goals))


if __name__ == "__main__":
    main()
