"""The certificate: everything on it, nothing clipped, and a lint that notices what is wrong."""

from dataclasses import replace
from functools import cache

import pypdfium2
import pytest
from django.core.exceptions import ValidationError

from certbody.pdf.certificate import LANGUAGES, certificate_context, printed_date, render_certificate
from certbody.pdf.child import engraving
from certbody.pdf.glyphs import Weight, missing_glyphs, validate_printable
from certbody.pdf.lint import PRINTED, lint_certificate
from certbody.pdf.read import addresses_in, fonts_of, has_active_content, page_count, qr_codes_of, text_of
from certbody.pdf.render import RenderFailed, render_pdf
from tests.pdf.records import LONG, ORDINARY, RECORDS, SITES

MILLIMETRE = 72 / 25.4
INNER_LINE_OF_THE_BORDER = 18 * MILLIMETRE
RARE_HAN = "𠮷"


@cache
def drawn(name: str, language: str) -> bytes:
    return render_certificate(RECORDS[name].as_dict(), language)


def squeezed(text: str) -> str:
    return "".join(text.split())


def character_boxes(pdf: bytes) -> list[tuple[str, tuple[float, float, float, float]]]:
    document = pypdfium2.PdfDocument(pdf)
    boxes = []
    for page in document:
        text = page.get_textpage()
        for index in range(text.count_chars()):
            character = text.get_text_range(index, 1)
            if character.strip():
                boxes.append((character, text.get_charbox(index)))
        text.close()
        page.close()
    document.close()
    return boxes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", RECORDS)
def test_every_fact_of_the_record_is_read_back_from_the_paper(name, language):
    assert lint_certificate(drawn(name, language), RECORDS[name].as_dict(), language) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", RECORDS)
def test_no_character_touches_the_border(name, language):
    for character, (left, bottom, right, top) in character_boxes(drawn(name, language)):
        assert left >= INNER_LINE_OF_THE_BORDER, character
        assert bottom >= INNER_LINE_OF_THE_BORDER, character
        assert right <= 210 * MILLIMETRE - INNER_LINE_OF_THE_BORDER, character
        assert top <= 297 * MILLIMETRE - INNER_LINE_OF_THE_BORDER, character


def test_the_same_record_is_the_same_file():
    record = ORDINARY.as_dict()
    assert render_certificate(record, "en") == drawn("ordinary", "en")


def test_an_ordinary_certificate_is_one_page_and_its_code_leads_to_the_short_address():
    assert page_count(drawn("ordinary", "en")) == 1
    for language in LANGUAGES:
        pdf = drawn("ordinary", language)
        assert qr_codes_of(pdf) == ["https://cert.example.org/c/CB26SC00042R1"]
        assert "cert.example.org/c/CB26SC00042R1" in text_of(pdf)


def test_sites_are_listed_in_an_annex_that_names_its_certificate():
    text = text_of(drawn("sites", "en"))
    annex = text[text.index("Annex") :]
    assert annex.count("Huafeng Service Centre No. ") == 6
    assert "belongstocertificateCB26SC00042R1" in squeezed(annex)
    assert squeezed(annex).count("安装、维修、退换货受理") == 6  # no English activity was given


def test_a_single_other_site_stands_on_the_main_page():
    record = replace(ORDINARY, sites=SITES.sites[:1])
    pdf = render_certificate(record.as_dict(), "en")
    assert page_count(pdf) == 1
    assert squeezed(SITES.sites[0].address_en) in squeezed(text_of(pdf))


@pytest.mark.parametrize("lines", [3, 5, 7, 10])
def test_a_scope_of_up_to_ten_lines_stays_on_the_main_page(lines):
    scope = ("after-sales service of appliances, " * 20)[: 56 * lines]
    record = replace(ORDINARY, scope_en=scope, sites=SITES.sites[:1])
    assert page_count(render_certificate(record.as_dict(), "en")) == 1


def test_all_fonts_are_ours_and_travel_in_the_file():
    for language in LANGUAGES:
        fonts = fonts_of(drawn("ordinary", language))
        assert all(fonts.values())
        assert {name.partition("+")[2] for name in fonts} == {"Noto-Serif-SC-Core", "Noto-Serif-SC-Core-Bold"}


def test_a_certificate_carries_nothing_active_and_no_link():
    pdf = drawn("sites", "zh-hans")
    assert not has_active_content(pdf)
    assert addresses_in(pdf) == set()


@pytest.mark.parametrize("fact", [fact for fact in PRINTED if fact not in {"accreditation", "grade_title"}])
def test_the_lint_names_a_fact_that_differs_from_the_record(fact):
    record = ORDINARY.as_dict()
    for key in (fact, f"{fact}_zh", f"{fact}_en"):
        if key in record:
            record[key] = "2031-12-30" if fact.endswith(("_on", "_from", "_due")) else f"{record[key]}另"
    if fact == "client_name_other":
        record["client_name_en"] += " (Hong Kong)"
    faults = lint_certificate(drawn("ordinary", "zh-hans"), record, "zh-hans")
    assert any(fault.startswith(f"{fact} is not printed") for fault in faults)


def test_the_lint_names_a_wrong_grade_and_a_wrong_code():
    record = replace(ORDINARY, grade="star5", stars=5, grade_title_zh="五星级").as_dict()
    record["check_url"] = "https://cert.example.org/c/CB26SC00043R1"
    faults = "\n".join(lint_certificate(drawn("ordinary", "zh-hans"), record, "zh-hans"))
    assert "grade_title is not printed" in faults
    assert "4 stars are printed instead of 5" in faults
    assert "the QR code says ['https://cert.example.org/c/CB26SC00042R1']" in faults


def test_item_29_the_lint_names_a_character_that_was_drawn_as_an_empty_place(settings, tmp_path):
    pdf = pdf_of_text(settings, tmp_path, f"{RARE_HAN}丰电器")
    assert "no glyph for 𠮷 (U+20BB7)" in lint_certificate(pdf, ORDINARY.as_dict(), "zh-hans")


def test_a_missing_annex_is_a_fault():
    faults = lint_certificate(drawn("ordinary", "en"), SITES.as_dict(), "en")
    assert "1 page(s), the annex of the sites is missing" in faults
    assert "site 6: name is not printed" in faults


@pytest.mark.parametrize(
    "name",
    [
        "鷺島電器（香港）有限公司",
        "镕鑫喆赟家电售后服务有限公司",
        "Électricité Générale Ångström Mühle",
        "李珺堃" * 20,
        "㐂福电器",
    ],
)
def test_item_29_names_that_the_font_has_are_drawn_whole_and_found_again(name):
    record = replace(ORDINARY, client_name_zh=name).as_dict()
    validate_printable(name)
    pdf = render_certificate(record, "zh-hans")
    assert lint_certificate(pdf, record, "zh-hans") == []
    assert squeezed(name) in squeezed(text_of(pdf))


def test_item_29_a_name_that_cannot_be_drawn_is_refused_with_its_character():
    with pytest.raises(ValidationError, match=r"𠮷 \(U\+20BB7\)"):
        validate_printable("𠮷野家电器有限公司")
    with pytest.raises(RenderFailed, match="glyph: 𠮷"):
        render_certificate(replace(ORDINARY, client_name_zh="𠮷野家电器有限公司").as_dict(), "en")


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad", "\x07"])
def test_item_29_direction_marks_and_invisible_characters_are_refused_by_number(hidden):
    with pytest.raises(ValidationError, match=rf"U\+{ord(hidden):04X}"):
        validate_printable(f"华丰{hidden}电器")


def test_item_29_a_name_with_a_character_that_only_the_regular_cut_has_is_set_in_one_weight():
    assert missing_glyphs("㐂", Weight.BOLD)
    assert not missing_glyphs("㐂", Weight.REGULAR)
    mixed = certificate_context(replace(ORDINARY, client_name_zh="㐂福电器").as_dict(), "zh-hans")
    usual = certificate_context(ORDINARY.as_dict(), "zh-hans")
    assert (mixed["name_weight"], usual["name_weight"]) == ("regular", "bold")


def test_dates_are_written_out_in_the_language_of_the_paper():
    assert printed_date("2029-03-04", "zh-hans") == "2029年3月4日"
    assert printed_date("2029-03-04", "en") == "4 March 2029"
    assert printed_date("", "en") == ""


def test_the_quarter_of_the_braid_that_is_drawn_tells_the_other_three():
    """Only then may it be turned over: together the strands are the same left and right and above and below."""
    curves = engraving.border_strands()
    for t in (0.0031, 0.0873, 0.1234, 0.2477):
        drawn = sorted(curve(t) for curve in curves)
        to_the_left = sorted((engraving.WIDTH - x, y) for x, y in (curve(1 - t) for curve in curves))
        below = sorted((x, engraving.HEIGHT - y) for x, y in (curve(0.5 - t) for curve in curves))
        assert rounded(drawn) == rounded(to_the_left) == rounded(below)


def rounded(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(round(x, 6), round(y, 6)) for x, y in points]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", RECORDS)
def test_no_line_is_drawn_over_another(name, language):
    """Letters of one line may touch; two letters that share most of their area come from two lines."""
    document = pypdfium2.PdfDocument(drawn(name, language))
    for page in document:
        text = page.get_textpage()
        boxes = [text.get_charbox(index) for index in range(text.count_chars())]
        # the letters of a ligature share one box, and the micro-text is below three points
        large = [box for box in dict.fromkeys(boxes) if box[3] - box[1] > 3 and box[2] - box[0] > 3]
        overlapping = [
            (one, other)
            for index, one in enumerate(large)
            for other in large[index + 1 :]
            if share(one, other) > 0.3
        ]
        text.close()
        page.close()
        assert overlapping == []
    document.close()


def share(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    area = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return max(width, 0) * max(height, 0) / area


def test_long_facts_flow_to_a_second_page_instead_of_being_clipped():
    assert page_count(drawn("long", "zh-hans")) == 2
    assert LONG.scope_en.strip().count(";") == 16


def pdf_of_text(settings, folder, text: str) -> bytes:
    (folder / "text.html").write_text(
        '{% extends "pdf/base.html" %}{% block body %}{{ text }}{% endblock %}', encoding="utf-8"
    )
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], folder]}]
    return render_pdf("text.html", {"text": text}, language="zh-hans")
