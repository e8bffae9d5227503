"""Goal 10: a full sheet is scored in 1 ms at most, by the server's engine and by the one of the pages.

Both score the same sheets, drawn by chance but always the same, and have to give the same results. The engine of the
pages runs in headless Chromium and is timed there, by the clock: a script has no other.
"""

import json
import shutil
from pathlib import Path

from benchmarks import harness

SCORE_JS = Path(__file__).parents[1] / "static/certbody/score.js"
IN_THE_BROWSER = """([scheme, sheets, rounds]) => {
    const results = sheets.map((sheet) => scoring.score(scheme, sheet));
    const times = [];
    for (let round = 0; round < rounds; round++) {
        const before = performance.now();
        for (const sheet of sheets) scoring.score(scheme, sheet);
        times.push((performance.now() - before) / sheets.length);
    }
    return [results, times];
}"""


def main() -> None:
    tiny = harness.options(__doc__).tiny
    from playwright.sync_api import sync_playwright

    from benchmarks.sheets import sheets_by_chance
    from certbody.scheme.description import describe
    from certbody.scheme.load import shipped
    from certbody.scheme.score import score
    from certbody.scheme.sheet_reader import parse_sheet

    scheme = shipped("gbt27922-2011")
    raw = sheets_by_chance(scheme, 20 if tiny else 400)
    sheets = [parse_sheet(json.dumps(sheet), lambda _id, _version: (scheme, "draft")) for sheet in raw]
    results = [score(scheme, sheet).as_dict() for sheet in sheets]
    rounds = 2 if tiny else 9
    program = next(
        filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser")))
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page()
        page.add_script_tag(content=SCORE_JS.read_text(encoding="utf-8"))
        found, seconds = page.evaluate(IN_THE_BROWSER, [describe(scheme, "draft"), raw, rounds])
        chromium.close()
    assert found == results, "both engines give the same results"
    arms = harness.measure(
        {"server": lambda: [score(scheme, sheet) for sheet in sheets]}, rounds=rounds, times=1 if tiny else 3
    )
    arms["server"] = {name: round(value / len(sheets), 4) for name, value in arms["server"].items()}
    arms["page"] = harness.summary([1.0 * value for value in seconds])
    goals = [
        harness.Goal(name=f"score: a full sheet, {arm}", figure=arms[arm]["median_ms"], limit=1, unit="ms")
        for arm in ("server", "page")
    ]
    facts = {"sheets_compared": len(sheets)}
    harness.print_line(harness.Line(benchmark="score", goals=goals, rounds=rounds, arms=arms, facts=facts))


if __name__ == "__main__":
    main()
