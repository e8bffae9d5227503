import json
from fractions import Fraction

import pytest

from certbody.scheme.faults import SchemeFaults
from certbody.scheme.load import load, shipped_text, with_points
from tests.scheme.sheets import SCHEME

TEXT = shipped_text(SCHEME.id)


def lines_of(text: str) -> list[str]:
    with pytest.raises(SchemeFaults) as caught:
        load(text)
    return caught.value.lines


def with_member(path: list[str | int], value: object) -> str:
    """The shipped table as JSON with one member changed; Ellipsis takes it out."""
    content = json.loads(SCHEME.canonical)
    target = content
    for key in path[:-1]:
        target = target[key]
    if value is ...:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    return json.dumps(content)


FAULTS = [
    (["id"], "Über", "id: must be lower-case letters, digits and hyphens, at most 40"),
    (["id"], ..., "id: is missing"),
    (["version"], "", "version: must be a text that is not empty"),
    (["version"], "1\n2", "version: must be printable and at most 40 characters"),
    (["schema_version"], 2, "schema_version: must be a whole number from 1 to 1"),
    (["colour"], "red", "colour: is an unknown key"),
    (["standard"], "GB/T", "standard: must be a table"),
    (["standard", "published"], "2011-02-30", "standard.published: must be a day such as 2011-12-30"),
    (
        ["standard", "effective"],
        "2011-01-01",
        "standard.effective: must not lie before the day of publication",
    ),
    (["level1", 0, "points"], 41, "level1.5.1.points: is 41, but its items add up to 40"),
    (["level1", 0, "points"], 41, "level1.5.1.points: must be 40, as GB/T 27922-2011 says"),
    (["level1", 0, "points"], 41, "scoring.total_points: is 100, but the groups add up to 101"),
    (["level1", 1, "id"], "5.1", "level1.5.1: stands in the file more than once"),
    (["level1", 1, "id"], "5.1", "level1.5.2: is missing"),
    (["level2", 0, "points"], 7, "level2.5.1.1.points: is 7, but its clauses add up to 6"),
    (["level2", 0, "id"], "6.1.1", "level2.6.1.1.id: “6.1” does not exist"),
    (["level2", 0, "id"], "6.1.1", "level2.6.1.1: has nothing below it"),
    (["level2"], [], "level2: must be a list of tables"),
    (["level2", 0], 3, "level2.0: must be a table"),
    (["clause", 0, "parent"], "5.1.9", "clause.5.1.1.1.parent: “5.1.9” does not exist"),
    (["clause", 0, "parent"], "5.1.2", "clause.5.1.1.1.id: is not numbered below its parent"),
    (["clause", 0, "id"], "5.1.1.x", "clause.5.1.1.x.id: must be numbered such as 5.1.2"),
    (["clause", 0, "id"], "5.1.1.2", "clause.5.1.1.2: stands in the file more than once"),
    (["clause", 0, "id"], ..., "clause.0.id: is missing"),
    (["clause", 0, "kind"], "vague", "clause.5.1.1.1.kind: is “vague”, not one of: fixed, sampled"),
    (["clause", 0, "points"], 0, "clause.5.1.1.1.points: must be points above zero, such as 3, 2.5 or 5/2"),
    (
        ["clause", 0, "points"],
        True,
        "clause.5.1.1.1.points: must be points above zero, such as 3, 2.5 or 5/2",
    ),
    (
        ["clause", 0, "points"],
        "1/0",
        "clause.5.1.1.1.points: must be points above zero, such as 3, 2.5 or 5/2",
    ),
    (["clause", 0, "weight"], 3, "clause.5.1.1.1.weight: is an unknown key"),
    (["clause", 0, "title_en"], ..., "clause.5.1.1.1.title_en: is missing"),
    (["clause", 0, "excludable"], "no", "clause.5.1.1.1.excludable: must be true or false"),
    (
        ["clause", 0, "excludable_when"],
        ["tangible"],
        "clause.5.1.1.1.excludable_when: contradicts excludable, which speaks of tangible goods",
    ),
    (
        ["clause", 1, "excludable_when"],
        ["tangible", "frozen"],
        "clause.5.1.1.2.excludable_when: must name each of tangible, intangible, mixed at most once",
    ),
    (["clause", 0, "evidence"], "x", "clause.5.1.1.1.evidence: must be a list"),
    (["clause", 0, "evidence"], ..., "clause.5.1.1.1.evidence: is missing"),
    (["clause", 0, "evidence", 1], 3, "clause.5.1.1.1.evidence.1: must be a text or a table of languages"),
    (["clause", 0, "evidence", 1, "fr"], "x", "clause.5.1.1.1.evidence.1.fr: is an unknown key"),
    (["grade", 0, "min_score"], 71, "scoring.pass_score: must be where the lowest grade begins"),
    (["grade", 1, "min_score"], 91, "grade.star4.min_score: must be above the grade before it"),
    (["grade", 3, "min_score"], 101, "grade.star5.min_score: can never be reached"),
    (["grade", 2, "stars"], 3, "grade.star4: must rank above the grade before it"),
    (["grade", 2, "key"], "star3", "grade.star3: stands in the file more than once"),
    (["grade", 0, "key"], "fail", "grade.fail.key: names the absence of a grade"),
    (["scoring", "cap_after_bonus"], 120, "scoring.cap_after_bonus: must not be above 100"),
    (["scoring", "arithmetic"], "float", "scoring.arithmetic: can only be rational"),
    (["scoring", "fixed_rule"], "half", "scoring.fixed_rule: can only be all_or_nothing"),
    (["scoring", "sampled_rule"], "all", "scoring.sampled_rule: can only be proportional_deduction"),
    (["scoring", "exclusion_needs_reason"], 1, "scoring.exclusion_needs_reason: can only be true"),
    (
        ["scoring", "exclusion_allowed"],
        False,
        "clause.5.1.1.2.excludable_when: contradicts scoring.exclusion_allowed",
    ),
    (
        ["scoring", "fail_special_deductions"],
        0,
        "scoring.fail_special_deductions: must be a whole number from 1 to 1000",
    ),
    (
        ["scoring", "special_bonus", "max_count"],
        2,
        "scoring.special_bonus.max_count: must be a whole number from 0 to 1",
    ),
    (
        ["scoring", "special_deduction", "grounds", 1, "key"],
        "law",
        "scoring.special_deduction.grounds.law: stands in the file more than once",
    ),
    (["scheme", "validity_years"], ..., "scheme.validity_years: is missing"),
    (["scheme", "validity_years"], 0, "scheme.validity_years: must be a whole number from 1 to 10000"),
    (["scheme", "service_manager_ratio"], "1.5", "scheme.service_manager_ratio: must be a share from 0 to 1"),
    (
        ["scheme", "audit_modes"],
        ["FS09"],
        "scheme.audit_modes: must name each of FS01, FS02, FS03 at most once",
    ),
    (["scheme", "review_days", "report"], ..., "scheme.review_days.report: is missing"),
    (
        ["scheme", "stage1_mode_default"],
        "phone",
        "scheme.stage1_mode_default: is “phone”, not one of: desk, on_site, combined",
    ),
    (
        ["scheme", "suspension_default_months"],
        7,
        "scheme.suspension_default_months: must not be above suspension_max_months",
    ),
    (["scheme_sources", "moon_phase"], "x", "scheme_sources.moon_phase: is an unknown key"),
    (["fees", "application"], -1, "fees.application: must be a number, zero or more"),
    (["fees", "application"], "1e9", "fees.application: must be a number, zero or more"),
    (
        ["person_days", "rows", 1, 0],
        12,
        "person_days.rows.1: must begin with the headcount after the row before it",
    ),
    (
        ["person_days", "rows", 1, 2],
        5,
        "person_days.rows.1: planning and site do not add up to the total of the initial audit",
    ),
    (["person_days", "rows", 1, 1], 2, "person_days.rows.1: ends before it begins"),
    (
        ["person_days", "rows", 0, 7],
        99,
        "person_days.rows.0: must rise from surveillance to recertification to the initial audit",
    ),
    (["person_days", "rows", 2, 5], "1.4", "person_days.rows.2: asks for fewer days than the row before it"),
    (["person_days", "rows", 0, 6], 2, "person_days.rows.0: has more days on site than in total"),
    (
        ["person_days", "rows", 0, 1],
        0,
        "person_days.rows.0: must be two headcounts and seven numbers of days",
    ),
    (
        ["person_days", "rows", 1],
        [11],
        "person_days.rows.1: must be two headcounts and seven numbers of days",
    ),
    (["person_days", "rows"], 5, "person_days.rows: must be a list of rows"),
    (
        ["person_days", "columns"],
        ["headcount", "days"],
        (
            "person_days.columns: must be from, to, initial_total, initial_planning, initial_site, surv_total, "
            "surv_site, recert_total, recert_site"
        ),
    ),
    (["document", 0, "required"], "often", None),
    (["certificate", "must_print"], "mark", "certificate.must_print: must be a list of texts"),
    (["certificate", "must_print"], ["mark"], "certificate.must_print: leaves out what the law asks for"),
]


@pytest.mark.parametrize(("path", "value", "line"), FAULTS)
def test_a_fault_of_a_table_is_named_by_its_path(path, value, line):
    expected = line or (
        "document.application_form.required: is “often”, not one of: "
        "always, if_applicable, if_multi_site, before_stage2, optional"
    )
    assert expected in lines_of(with_member(path, value))


def test_every_fault_is_reported_at_once():
    content = json.loads(SCHEME.canonical)
    content["clause"][0]["kind"] = "vague"
    content["clause"][1]["points"] = -1
    content["grade"][3]["min_score"] = 85
    del content["fees"]["currency"]
    paths = [line.partition(": ")[0] for line in lines_of(json.dumps(content))]
    assert sorted(paths) == [
        "clause.5.1.1.1.kind",
        "clause.5.1.1.2.points",
        "fees.currency",
        "grade.star5.min_score",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", "$: is not JSON (line 1, column 2)"),
        ('{"id": NaN}', "$: is not JSON (NaN is no JSON value)"),
        ("[[[", None),
        ('{"a":' * 21 + "1" + "}" * 21, "$: is nested deeper than 20 levels"),
        ("a = " + "[" * 21 + "]" * 21, "$: is nested deeper than 20 levels"),
        ("a = " + "[" * 100_000, None),
        ("a = " + "9" * 5000, "$: is not TOML: number too long"),
        ("a = 1\n" * 2, None),
        ("#" * 1_000_001, "$: is larger than 1000000 bytes"),
        ('{"a": "' + "x" * 1_000_000 + '"}', "$: is larger than 1000000 bytes"),
        ('{"id": "\\ud800"}', "$: is not UTF-8 text"),
    ],
)
def test_a_text_that_is_no_table_has_one_fault(text, line):
    lines = lines_of(text)
    assert len(lines) == 1
    assert lines[0].startswith("$: is ")
    assert line in {None, lines[0]}


def test_a_repeated_key_of_a_json_table_is_a_fault():
    assert "id: is given more than once" in lines_of('{"id": "a", ' + SCHEME.canonical[1:])


def test_odd_values_are_faults_and_never_break_the_reader():
    lines = lines_of(
        "id = 07:32:00\nversion = 1e999999999\nlevel1 = [1, [2], {}]\nclause = 1979-05-27T07:32:00Z"
    )
    assert "id: must be a text that is not empty" in lines
    assert "level1.1: must be a table" in lines
    assert "clause: must be a list of tables" in lines


def test_a_number_that_no_arithmetic_holds_is_a_fault_of_its_member():
    beyond = "1e" + "9" * 30
    lines = lines_of(f"schema_version = {beyond}\n[fees]\napplication = {beyond}")
    assert "schema_version: must be a whole number from 1 to 1" in lines
    assert "fees.application: must be a number, zero or more" in lines


def test_a_byte_order_mark_is_no_fault():
    assert load("\ufeff" + TEXT) == SCHEME
    assert load("\ufeff" + SCHEME.canonical) == SCHEME


def test_evidence_may_be_one_text_of_two_languages():
    text = with_member(["clause", 0, "evidence"], ["组织架构图 org chart", "名单"])
    assert [(words.zh, words.en) for words in load(text).clause("5.1.1.1").evidence] == [
        ("组织架构图", "org chart"),
        ("名单", "名单"),
    ]


def test_excludable_alone_speaks_of_tangible_and_mixed_goods():
    text = with_member(["clause", 1, "excludable_when"], ...)
    assert {str(goods) for goods in load(text).clause("5.1.1.2").excludable_when} == {"tangible", "mixed"}


def test_other_standards_may_divide_their_points_otherwise():
    content = json.loads(SCHEME.canonical)
    content["standard"]["code"] = "GB/T 99999-2030"
    content["level1"][0]["points"] = 41
    content["level2"][0]["points"] = 7
    content["clause"][0]["points"] = 4
    content["scoring"]["total_points"] = 101
    assert load(json.dumps(content)).rules.total_points == 101


def test_points_move_between_clauses_of_a_group_and_their_item_follows():
    edited = load(with_points(SCHEME, {"5.1.1.1": "5/2", "5.1.1.2": Fraction(3), "5.1.2.1": "1.5"}, "2"))
    assert edited.version == "2"
    assert [edited.clause(clause_id).points for clause_id in ("5.1.1.1", "5.1.1.2", "5.1.2.1")] == [
        Fraction(5, 2),
        3,
        Fraction(3, 2),
    ]
    assert {item.id: item.points for item in edited.items_of("5.1")} == {
        **{item.id: item.points for item in SCHEME.items_of("5.1")},
        "5.1.1": Fraction(11, 2),
        "5.1.2": Fraction(13, 2),
    }
    assert edited.hash != SCHEME.hash


def test_only_figures_that_changed_count_as_entered_by_the_body():
    edited = load(with_points(TEXT, {"5.1.1.1": 4, "5.1.1.2": 2, "5.1.2.1": 1}, "2"))
    statuses = {clause.id: str(clause.points_status) for clause in edited.clauses}
    assert [key for key, status in statuses.items() if status == "entered"] == ["5.1.1.1", "5.1.1.2"]
    assert {str(item.status) for item in edited.level2} == {"placeholder"}


@pytest.mark.parametrize(
    ("points", "line"),
    [
        ({"5.1.1.1": 4}, "level1.5.1.points: is 40, but its items add up to 41"),
        ({"5.1.1.1": 4, "5.2.1.1": 1}, "level1.5.2.points: is 35, but its items add up to 34"),
        ({"5.9.9.9": 4}, "clause.5.9.9.9: is not a clause of this table"),
        ({"5.1.1.1": "many"}, "clause.5.1.1.1.points: must be points above zero, such as 3, 2.5 or 5/2"),
        ({"5.1.1.1": 0}, "clause.5.1.1.1.points: must be points above zero, such as 3, 2.5 or 5/2"),
        ({}, "version: must be printable and at most 40 characters"),
    ],
)
def test_points_that_do_not_close_are_refused(points, line):
    with pytest.raises(SchemeFaults) as caught:
        with_points(SCHEME, points, "2" if points else "2" * 41)
    assert line in caught.value.lines
