"""The engine of the pages (static/certbody/score.js) gives what the engine of the server gives, to the last digit."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.sheets import sheets_by_chance
from certbody.scheme.description import describe
from certbody.scheme.score import score
from certbody.scheme.sheet_reader import parse_sheet
from tests.scheme.sheets import SCHEME, resolve

SCORE_JS = Path(__file__).parents[2] / "static/certbody/score.js"
SHEETS = sheets_by_chance(SCHEME, 400)

pytestmark = pytest.mark.journey(seconds=3)


def test_both_engines_agree_on_every_generated_sheet(browser: Browser) -> None:
    expected = []
    for sheet in SHEETS:
        parsed = parse_sheet(json.dumps(sheet), resolve)
        expected.append(score(parsed.scheme, parsed).as_dict())
    page = browser.new_page()
    page.add_script_tag(content=SCORE_JS.read_text(encoding="utf-8"))
    found = page.evaluate(
        "([scheme, sheets]) => sheets.map((sheet) => scoring.score(scheme, sheet))",
        [describe(SCHEME, "draft"), SHEETS],
    )
    page.close()
    assert {result["grade"] for result in expected} == {"fail", "qualified", "star3", "star4", "star5"}
    assert [one for one in zip(expected, found, strict=True) if one[0] != one[1]] == []


def test_the_generated_sheets_use_every_form_of_a_mark() -> None:
    marks = [mark for sheet in SHEETS for mark in sheet["marks"].values()]
    assert {"met", "sampled", "excluded", "population"} <= {key for mark in marks for key in mark}
    assert {len(sheet["specials"]) for sheet in SHEETS} >= {0, 1, 5}
    assert {"bonus" in sheet for sheet in SHEETS} == {True, False}
