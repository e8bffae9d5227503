import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certbody.scheme.faults import SheetFaults, path_of
from certbody.scheme.json_text import decoded
from certbody.scheme.load import load
from certbody.scheme.marks import EmptyPopulation, Excluded, Met, Sampled, mark_as_json
from certbody.scheme.model import Goods
from certbody.scheme.score import score
from certbody.scheme.sheet import Bonus, Sheet, Special, build_sheet
from certbody.scheme.sheet_reader import MARK_KEYS, SHEET_KEYS, parse_sheet
from tests.scheme.sheets import (
    FIXED,
    NEVER_EXCLUDABLE,
    SAMPLED,
    SCHEME,
    all_met,
    changed,
    full_sheet,
    quick,
    resolve,
)

FORMS = "must be exactly one of: met; sampled and failed; excluded; population 0 with met and note"
GROUNDS = "law, own_rules, industry, system_effect"


def lines_of(sheet: object, scheme_id: str | None = None) -> list[str]:
    with pytest.raises(SheetFaults) as caught:
        parse_sheet(sheet if isinstance(sheet, str) else json.dumps(sheet), resolve, scheme_id)
    return caught.value.lines


def mark(clause: str, value: object) -> dict[str, object]:
    return changed(["marks", clause], value)


def read(sheet: object) -> tuple[Sheet | None, list[str]]:
    try:
        return parse_sheet(json.dumps(sheet), resolve), []
    except SheetFaults as error:
        return None, error.lines


BAD_SHEETS = [
    (changed(["colour"], 1), "colour: is an unknown key"),
    (changed(["scheme"], 5), "scheme: must be a text"),
    (changed(["scheme"], ""), "scheme: “” is unknown"),
    (changed(["scheme"], "gbt1"), "scheme: “gbt1” is unknown"),
    (changed(["version"], 1), "version: must be a text"),
    (changed(["version"], "9"), "version: “9” is unknown"),
    (changed(["goods"], "frozen"), "goods: is “frozen”, not one of: tangible, intangible, mixed"),
    (changed(["goods"], None), "goods: is “null”, not one of: tangible, intangible, mixed"),
    (changed(["marks"], []), "marks: must be an object"),
    (changed(["marks", "9.9.9.9"], {"met": True}), "marks.9.9.9.9: is not a clause of this scheme"),
    (changed(["marks", "5.1.1"], 1), "marks.5.1.1: must be an object"),
    (changed(["marks", "5.1.1"], {}), "marks.5.1.1: is not a clause of this scheme"),
    (mark(FIXED, True), "marks.5.1.1.1: must be an object"),
    (mark(FIXED, {}), f"marks.5.1.1.1: {FORMS}"),
    (mark(FIXED, {"met": 1}), "marks.5.1.1.1.met: must be true or false"),
    (mark(FIXED, {"met": None}), "marks.5.1.1.1.met: must be true or false"),
    (mark(FIXED, {"met": True, "colour": 1}), "marks.5.1.1.1.colour: is an unknown key"),
    (mark(FIXED, {"met": True, "note": "x"}), f"marks.5.1.1.1: {FORMS}"),
    (mark(FIXED, {"met": True, "excluded": "x"}), f"marks.5.1.1.1: {FORMS}"),
    (mark(FIXED, {"sampled": 3, "failed": 0}), "marks.5.1.1.1: this clause is not sampled: give met"),
    (
        mark(FIXED, {"population": 0, "met": True, "note": "x"}),
        "marks.5.1.1.1: this clause is not sampled: give met",
    ),
    (
        mark(SAMPLED, {"met": True}),
        "marks.5.1.1.2: this clause is sampled: give sampled and failed, or population 0 with met and note",
    ),
    (
        mark(SAMPLED, {"met": "yes"}),
        "marks.5.1.1.2: this clause is sampled: give sampled and failed, or population 0 with met and note",
    ),
    (mark(SAMPLED, {"sampled": 3}), "marks.5.1.1.2.failed: is missing"),
    (mark(SAMPLED, {"failed": 3}), "marks.5.1.1.2.sampled: is missing"),
    (mark(SAMPLED, {"sampled": 3, "failed": 0, "met": True}), f"marks.5.1.1.2: {FORMS}"),
    (mark(SAMPLED, {"sampled": 0, "failed": 0}), "marks.5.1.1.2.sampled: must be at least 1"),
    (mark(SAMPLED, {"sampled": 3, "failed": -1}), "marks.5.1.1.2.failed: must be at least 0"),
    (mark(SAMPLED, {"sampled": 3, "failed": 4}), "marks.5.1.1.2.failed: must not be more than sampled"),
    (mark(SAMPLED, {"sampled": 3.0, "failed": 0}), "marks.5.1.1.2.sampled: must be a whole number"),
    (mark(SAMPLED, {"sampled": 3, "failed": 0.5}), "marks.5.1.1.2.failed: must be a whole number"),
    (mark(SAMPLED, {"sampled": "3", "failed": 0}), "marks.5.1.1.2.sampled: must be a whole number"),
    (mark(SAMPLED, {"sampled": True, "failed": False}), "marks.5.1.1.2.failed: must be a whole number"),
    (mark(SAMPLED, {"sampled": 10**64, "failed": 0}), "marks.5.1.1.2.sampled: must be a whole number"),
    (mark(SAMPLED, {"population": 0, "met": True}), "marks.5.1.1.2.note: is missing"),
    (mark(SAMPLED, {"population": 0}), "marks.5.1.1.2.met: is missing"),
    (mark(SAMPLED, {"met": True, "note": "x"}), f"marks.5.1.1.2: {FORMS}"),
    (
        mark(SAMPLED, {"population": 0, "met": True, "note": " \u3000"}),
        "marks.5.1.1.2.note: must say why there was nothing to sample",
    ),
    (mark(SAMPLED, {"population": 0, "met": True, "note": 5}), "marks.5.1.1.2.note: must be a text"),
    (
        mark(SAMPLED, {"population": 4, "met": True, "note": "x"}),
        "marks.5.1.1.2.population: can only be 0; what is there is sampled",
    ),
    (
        mark(SAMPLED, {"population": False, "met": True, "note": "x"}),
        "marks.5.1.1.2.population: must be a whole number",
    ),
    (mark(SAMPLED, {"excluded": ""}), "marks.5.1.1.2.excluded: must give the reason of the exclusion"),
    (mark(SAMPLED, {"excluded": True}), "marks.5.1.1.2.excluded: must be a text"),
    (
        mark(NEVER_EXCLUDABLE, {"excluded": "no staff"}),
        "marks.5.1.2.1.excluded: this clause may not be excluded for these goods",
    ),
    (
        mark("5.2.1.1", {"excluded": "a service"}),
        "marks.5.2.1.1.excluded: this clause may not be excluded for these goods",
    ),
    (changed(["specials"], {}), "specials: must be a list"),
    (changed(["specials"], ["law"]), "specials.0: must be an object"),
    (changed(["specials"], [{"note": "x"}]), "specials.0.ground: is missing"),
    (
        changed(["specials"], [{"ground": "law"}, {"ground": "mood"}]),
        f"specials.1.ground: is “mood”, not one of: {GROUNDS}",
    ),
    (changed(["specials"], [{"ground": ["law"]}]), "specials.0.ground: must be a text"),
    (changed(["specials"], [{"ground": "law", "points": 2}]), "specials.0.points: is an unknown key"),
    (changed(["specials"], [{"ground": "law", "note": 2}]), "specials.0.note: must be a text"),
    (changed(["bonus"], None), "bonus: must be exactly one object"),
    (changed(["bonus"], [{"note": "x"}]), "bonus: must be exactly one object"),
    (changed(["bonus"], 1), "bonus: must be exactly one object"),
    (changed(["bonus"], {"points": 2}), "bonus.points: is an unknown key"),
]


@pytest.mark.parametrize(("sheet", "line"), BAD_SHEETS)
def test_a_bad_sheet_names_its_fault_by_path(sheet, line):
    assert line in lines_of(sheet)


@pytest.mark.parametrize("key", ["scheme", "marks"])
def test_a_sheet_without_scheme_or_marks_is_bad(key):
    sheet = full_sheet()
    del sheet[key]
    assert lines_of(sheet) == [f"{key}: is missing"]


def test_a_missing_clause_is_named():
    sheet = full_sheet()
    del sheet["marks"]["5.3.2.2"]
    assert lines_of(sheet) == ["marks.5.3.2.2: is missing"]


def test_every_fault_of_a_sheet_is_named_at_once():
    sheet = full_sheet() | {"goods": "frozen", "bonus": 2, "specials": [{"ground": "mood"}], "extra": 0}
    sheet["marks"] |= {
        FIXED: {"sampled": 1.5, "failed": 2},
        SAMPLED: {"sampled": 2, "failed": 3},
        "5.2.6.1": {"excluded": " "},
        "x": {},
    }
    del sheet["marks"]["5.3.1.1"]
    assert sorted(line.partition(": ")[0] for line in lines_of(sheet)) == [
        "bonus",
        "extra",
        "goods",
        "marks.5.1.1.1",
        "marks.5.1.1.1.sampled",
        "marks.5.1.1.2.failed",
        "marks.5.2.6.1.excluded",
        "marks.5.3.1.1",
        "marks.x",
        "marks.x",
        "specials.0.ground",
    ]


def test_the_form_of_a_sheet_is_checked_even_when_its_scheme_is_unknown():
    sheet = mark(SAMPLED, {"sampled": 1.5, "failed": 0}) | {"scheme": "gbt1", "bonus": 2}
    assert lines_of(sheet) == [
        "scheme: “gbt1” is unknown",
        "bonus: must be exactly one object",
        "marks.5.1.1.2.sampled: must be a whole number",
    ]


def test_a_sheet_in_which_everything_is_excluded_has_nothing_to_score():
    sheet = full_sheet()
    sheet["marks"] = {clause: {"excluded": "x"} for clause in sheet["marks"]}
    assert "marks: every clause is excluded, so there is nothing to score" in lines_of(sheet)


def test_a_sheet_for_another_scheme_than_asked_for_is_bad():
    assert lines_of(full_sheet(), "gbt1") == ["scheme: is not the scheme that was asked for"]


def test_a_sheet_may_leave_its_scheme_to_the_caller():
    sheet = full_sheet()
    del sheet["scheme"]
    assert parse_sheet(json.dumps(sheet), resolve, SCHEME.id).scheme == SCHEME


def test_repeated_keys_are_named_at_any_depth():
    text = json.dumps(full_sheet())
    text = text.replace(
        '"5.1.1.1": {"met": true}', '"5.1.1.1": {"met": false, "met": true}, "5.1.1.1": {"met": true}'
    )
    text = text[:-1] + ', "scheme": "gbt27922-2011", "specials": [{"ground": "law", "ground": "law"}]}'
    assert lines_of(text) == [
        "scheme: is given more than once",
        "marks.5.1.1.1: is given more than once",
        "specials.0.ground: is given more than once",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "$: is not JSON (line 1, column 1)"),
        ("{'met': 1}", "$: is not JSON (line 1, column 2)"),
        ('{"a": 1,}', None),
        ('{"a": Infinity}', "$: is not JSON (Infinity is no JSON value)"),
        ("[]", "$: is not an object"),
        ("null", "$: is not an object"),
        ("27922", "$: is not an object"),
        ('"' + "x" * 1_000_000 + '"', "$: is larger than 1000000 bytes"),
        ('{"a":' + "[" * 20 + "]" * 20 + "}", "$: is nested deeper than 20 levels"),
        ("[" * 400_000, "$: is nested deeper than 20 levels"),
        ('"' + '\\"' * 400_000, None),
        ('{"a": "\\ud800"}', "$: is not UTF-8 text"),
        ('{"a": "\ud800"}', "$: is not UTF-8 text"),
    ],
)
def test_a_text_that_is_no_sheet_has_one_fault(text, line):
    lines = lines_of(text)
    assert len(lines) == 1
    assert lines[0].startswith("$: is not JSON") if line is None else lines == [line]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
member_names = st.sampled_from([*SHEET_KEYS, *MARK_KEYS, "ground"])


@quick
@given(st.sampled_from([*SHEET_KEYS]), json_values | st.dictionaries(member_names, json_values, max_size=4))
def test_whatever_a_member_holds_the_sheet_is_read_or_its_faults_fit_one_line_each(key, value):
    sheet, lines = read(changed([key], value))
    assert (sheet is None) == bool(lines)
    assert sheet is None or score(SCHEME, sheet).final == 100
    assert all(len(line.splitlines()) == 1 and ": " in line for line in lines)


@quick
@given(json_values | st.dictionaries(member_names, json_values, max_size=4))
def test_whatever_a_mark_holds_it_is_a_fault_under_its_clause_or_a_mark(value):
    sheet, lines = read(mark(SAMPLED, value))
    assert sheet is None or mark_as_json(sheet.marks[SAMPLED]) == value
    assert (sheet is None) == bool(lines)
    assert all(line.startswith("marks.5.1.1.2") for line in lines)


def test_twenty_levels_are_allowed():
    assert lines_of('{"a":' + "[" * 19 + "]" * 19 + "}")[-1] == "marks: is missing"


def test_brackets_inside_texts_are_no_levels():
    assert parse_sheet(json.dumps(changed(["bonus"], {"note": '[{"\\' * 50})), resolve).bonus == Bonus(
        '[{"\\' * 50
    )


def test_keys_from_outside_never_break_the_line_of_their_fault():
    lines = lines_of(changed(["marks", "a\nb\u2028\x1b[31m"], {"met": True}))
    assert lines == ['marks."a\\nb\\u2028\\u001b[31m": is not a clause of this scheme']
    assert path_of("k" * 300) == "k" * 80 + "…"


def test_bytes_are_text_only_when_they_are_small_utf_8():
    assert decoded(b"\xef\xbb\xbf{}") == "{}"
    assert [str(decoded(content)) for content in (b"\xff{}", b" " * 1_000_001)] == [
        "$: is not UTF-8 text",
        "$: is larger than 1000000 bytes",
    ]


def test_a_sheet_without_goods_specials_and_bonus_is_for_tangible_goods():
    sheet = parse_sheet(json.dumps(full_sheet()), resolve)
    assert (sheet.goods, sheet.specials, sheet.bonus, sheet.status) == (Goods.TANGIBLE, (), None, "draft")


def test_notes_of_deductions_and_bonus_may_be_left_out():
    sheet = parse_sheet(json.dumps(full_sheet() | {"specials": [{"ground": "law"}], "bonus": {}}), resolve)
    assert (sheet.specials, sheet.bonus) == ((Special("law"),), Bonus())


def test_goods_decide_what_may_be_excluded():
    sheet = mark("5.2.1.1", {"excluded": "nothing is packed"}) | {"goods": "intangible"}
    assert parse_sheet(json.dumps(sheet), resolve).marks["5.2.1.1"] == Excluded("nothing is packed")
    assert lines_of(sheet | {"goods": "mixed"}) == [
        "marks.5.2.1.1.excluded: this clause may not be excluded for these goods"
    ]


def test_very_large_counts_are_exact():
    sheet = parse_sheet(json.dumps(mark(SAMPLED, {"sampled": 10**63, "failed": 1})), resolve)
    assert score(SCHEME, sheet).score == 100 - 3 * Fraction(1, 10**63)


def test_a_sheet_from_a_page_has_the_same_faults_as_one_from_a_file():
    marks = all_met() | {
        FIXED: Sampled(3, 0),
        SAMPLED: Sampled(3, 4),
        NEVER_EXCLUDABLE: Excluded(" "),
        "5.1.3.2": EmptyPopulation(met=True, note=""),
        "x": Met(met=True),
    }
    del marks["5.3.2.2"]
    with pytest.raises(SheetFaults) as caught:
        build_sheet(SCHEME, "confirmed", marks, specials=[Special("mood")])
    assert [fault.path for fault in caught.value.faults] == [
        "marks.5.1.1.1",
        "marks.5.1.1.2.failed",
        "marks.5.1.2.1.excluded",
        "marks.5.1.2.1.excluded",
        "marks.5.1.3.2.note",
        "marks.x",
        "marks.5.3.2.2",
        "specials.0.ground",
    ]
    as_read = {
        "scheme": SCHEME.id,
        "marks": {clause: mark_as_json(given) for clause, given in marks.items()},
        "specials": [{"ground": "mood"}],
    }
    assert lines_of(as_read) == caught.value.lines


def test_a_sheet_that_is_written_down_is_read_as_the_same_sheet():
    marks = all_met() | {
        SAMPLED: Excluded("no outlets"),
        "5.3.2.2": EmptyPopulation(met=False, note="no complaint and no procedure"),
    }
    sheet = build_sheet(
        SCHEME,
        "draft",
        marks,
        goods=Goods.MIXED,
        specials=[Special("law", "fined")],
        bonus=Bonus("first in trade"),
    )
    assert parse_sheet(json.dumps(sheet.as_dict()), resolve) == sheet


def test_a_fault_carries_a_sentence_that_can_be_translated():
    with pytest.raises(SheetFaults) as caught:
        build_sheet(SCHEME, "draft", all_met(), specials=[Special("mood")])
    (fault,) = caught.value.faults
    assert fault.template == "is %(value)s, not one of: %(known)s"
    assert fault.sentence == f"is “mood”, not one of: {GROUNDS}"
    assert str(caught.value) == f"specials.0.ground: {fault.sentence}"


def test_a_scheme_without_a_special_bonus_refuses_one():
    content = json.loads(SCHEME.canonical)
    content["scoring"]["special_bonus"]["max_count"] = 0
    scheme = load(json.dumps(content))
    with pytest.raises(SheetFaults) as refused:
        build_sheet(scheme, "draft", all_met(), bonus=Bonus("x"))
    assert refused.value.lines == ["bonus: this scheme has no special bonus"]
    assert build_sheet(scheme, "draft", all_met()).bonus is None
