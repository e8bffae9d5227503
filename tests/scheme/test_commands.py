import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError

from certbody.body import queries, scheme_source
from certbody.scheme.load import load, with_points
from certbody.scheme.model import Scheme, UnknownSchemeError, UnknownVersionError
from tests.scheme.sheets import FIXED, SCHEME, changed, full_sheet

ROOT = Path(__file__).resolve().parents[2]
SECOND = load(with_points(SCHEME, {"5.1.1.1": 4, "5.1.1.2": 2}, "2"))


@pytest.fixture(autouse=True)
def stored(monkeypatch) -> dict[str | None, tuple[Scheme, str]]:
    """The tables that the body has stored, by version; None is the one that applies."""
    tables: dict[str | None, tuple[Scheme, str]] = {}
    monkeypatch.setattr(scheme_source, "_is_without_file", lambda: False)
    monkeypatch.setattr(queries, "known_schemes", lambda: [SCHEME.id])
    monkeypatch.setattr(
        queries,
        "stored_scheme",
        lambda scheme_id, version=None: tables.get(version) if scheme_id == SCHEME.id else None,
    )
    return tables


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except SystemExit as leave:
        return int(leave.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def write(folder: Path, sheet: object) -> str:
    path = folder / "sheet.json"
    path.write_text(sheet if isinstance(sheet, str) else json.dumps(sheet), encoding="utf-8")
    return str(path)


def test_score_prints_the_result_as_json(tmp_path):
    code, out, err = run("score", write(tmp_path, changed(["marks", FIXED], {"met": False})))
    result = json.loads(out)
    assert (code, err) == (0, "")
    assert (result["scheme"], result["status"], result["final"], result["final_exact"]) == (
        SCHEME.id,
        "draft",
        "97.000000",
        "97/1",
    )
    assert (result["grade"], result["passed"]) == ("star5", True)


def test_score_prints_one_line_per_fault_and_nothing_else(tmp_path):
    sheet = changed(["marks", FIXED], {"met": 1}) | {"bonus": 5}
    assert run("score", write(tmp_path, sheet)) == (
        2,
        "",
        "bonus: must be exactly one object\nmarks.5.1.1.1.met: must be true or false\n",
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [("sheet.json", b"\xff"), ("sheet.json", b" " * 1_000_001), ("sheet.json", b"{"), ("", b"")],
)
def test_a_file_that_cannot_be_read_as_a_sheet_ends_with_2(tmp_path, name, content):
    if name:
        (tmp_path / name).write_bytes(content)
    code, out, err = run("score", str(tmp_path / name))
    assert (code, out, len(err.splitlines())) == (2, "", 1)


def test_a_missing_file_ends_with_2(tmp_path):
    missing = tmp_path / "none.json"
    code, out, err = run("score", str(missing))
    assert (code, out) == (2, "")
    assert "No such file" in err


def test_score_refuses_a_sheet_of_another_scheme_than_the_option_names(tmp_path):
    path = write(tmp_path, full_sheet())
    assert run("score", path, "--scheme", SCHEME.id)[0] == 0
    assert run("score", path, "--scheme", "gbt1") == (2, "", "scheme: is not the scheme that was asked for\n")


def test_the_newest_confirmed_table_of_the_body_is_used(tmp_path, stored):
    stored[None] = (SECOND, "confirmed")
    _code, out, _err = run("score", write(tmp_path, changed(["marks", FIXED], {"met": False})))
    result = json.loads(out)
    assert (result["version"], result["status"], result["score"]) == ("2", "confirmed", "96.000000")


def test_a_sheet_may_name_the_version_of_its_table(tmp_path, stored):
    stored[None] = stored["2"] = (SECOND, "confirmed")
    sheet = changed(["marks", FIXED], {"met": False})
    versions = [
        json.loads(run("score", write(tmp_path, sheet | {"version": version}))[1])["score"]
        for version in ("1", "2")
    ]
    assert versions == ["97.000000", "96.000000"]
    assert run("score", write(tmp_path, sheet | {"version": "3"})) == (2, "", "version: “3” is unknown\n")


def test_without_tables_in_the_database_the_shipped_file_is_a_draft(monkeypatch):
    def no_table(*_arguments: object) -> None:
        raise OperationalError("no such table")

    monkeypatch.setattr(queries, "stored_scheme", no_table)
    monkeypatch.setattr(queries, "known_schemes", no_table)
    assert scheme_source.resolve(SCHEME.id) == (SCHEME, "draft")
    assert scheme_source.known_ids() == [SCHEME.id]


@pytest.mark.parametrize("name", ["", "gbt1", "gbt\x00", "x" * 500])
def test_an_unknown_scheme_is_refused_whatever_its_name(name):
    with pytest.raises(UnknownSchemeError):
        scheme_source.resolve(name)
    with pytest.raises(UnknownSchemeError):
        scheme_source.resolve(name, "1")


@pytest.mark.parametrize("version", ["", "0", "1\x00", "1" * 500])
def test_an_unknown_version_of_a_known_scheme_is_refused_whatever_its_name(version):
    with pytest.raises(UnknownVersionError):
        scheme_source.resolve(SCHEME.id, version)


def test_a_scheme_whose_tables_are_all_retired_is_not_listed(monkeypatch):
    monkeypatch.setattr(queries, "known_schemes", lambda: ["gbt1", SCHEME.id])
    assert scheme_source.known_ids() == [SCHEME.id]


def test_scheme_lists_the_schemes_with_version_status_and_hash(stored):
    assert run("scheme") == (0, f"{SCHEME.id}  1  draft  {SCHEME.hash}  GB/T 27922-2011\n", "")
    stored[None] = (SECOND, "confirmed")
    (listed,) = json.loads(run("scheme", "--json")[1])
    assert (listed["version"], listed["status"], listed["hash"]) == ("2", "confirmed", SECOND.hash)


def test_scheme_prints_the_tree_with_points_rules_and_hash():
    code, out, _err = run("scheme", SCHEME.id)
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "gbt27922-2011  version 1  draft"
    assert f"sha256 {SCHEME.hash}" in lines
    assert "5.1  After-sales service system  售后服务体系  40 (verified)" in lines
    take_back = next(line for line in lines if line.startswith("    5.2.6.1  "))
    assert take_back.endswith("  2 fixed (placeholder)  excludable: tangible|intangible|mixed")
    assert sum(line.startswith("    5.") for line in lines) == 43


def test_scheme_as_json_lists_what_programs_rely_on(stored):
    stored[None] = (load(with_points(SCHEME, {"5.1.1.1": "5/2", "5.1.1.2": "7/2"}, "3")), "confirmed")
    described = json.loads(run("scheme", SCHEME.id, "--json")[1])
    assert (described["id"], described["version"], described["status"]) == (SCHEME.id, "3", "confirmed")
    assert described["hash"] == stored[None][0].hash
    clauses = {clause["id"]: clause for clause in described["clauses"]}
    assert len(clauses) == 43
    assert [clauses[clause_id]["points"] for clause_id in ("5.1.1.1", "5.1.2.2")] == ["5/2", 5]
    packaging = clauses["5.2.1.1"]
    assert (packaging["kind"], packaging["excludable"], packaging["excludable_when"]) == (
        "sampled",
        False,
        ["intangible"],
    )
    assert packaging["titles"] == {
        "en": "Packaging and labelling",
        "zh-hans": "包装与标识",
        "zh-hant": "包裝與標識",
    }
    assert set(packaging["demands"]) == {"en", "zh-hans", "zh-hant"}
    assert [ground["key"] for ground in described["grounds"]] == [
        "law",
        "own_rules",
        "industry",
        "system_effect",
    ]
    assert [(grade["key"], grade["min_score"]) for grade in described["grades"]] == [
        ("qualified", 70),
        ("star3", 80),
        ("star4", 90),
        ("star5", 95),
    ]
    assert (described["thresholds"]["pass_score"], described["thresholds"]["fail_special_deductions"]) == (
        70,
        5,
    )


def test_an_unknown_scheme_ends_with_2():
    assert run("scheme", "gbt1") == (2, "", "no scheme is called “gbt1”\n")


def test_both_commands_work_in_an_empty_home_and_leave_no_database_there(tmp_path):
    home = tmp_path / "home"
    environment = {"PATH": os.environ["PATH"], "CERTBODY_HOME": str(home)}
    sheet = write(tmp_path, full_sheet())
    results = [
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            check=False,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
        for arguments in (["score", sheet], ["scheme", SCHEME.id, "--json"], ["score", str(tmp_path)])
    ]
    assert [result.returncode for result in results] == [0, 0, 2]
    assert json.loads(results[0].stdout)["final"] == "100.000000"
    assert json.loads(results[1].stdout)["status"] == "draft"
    assert results[2].stdout == ""
    assert not list(home.glob("*.sqlite3*"))
