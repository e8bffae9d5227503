import hashlib
import json
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import pytest

from certbody.scheme.load import load, shipped, shipped_ids, shipped_text
from certbody.scheme.model import ClauseKind, Goods, GradeKey, UnknownSchemeError
from tests.scheme.sheets import SCHEME


def test_the_groups_have_40_35_and_25_points():
    assert {group.id: group.points for group in SCHEME.level1} == {"5.1": 40, "5.2": 35, "5.3": 25}


def test_every_item_has_the_points_of_its_clauses_and_every_group_those_of_its_items():
    items: dict[str, Fraction] = defaultdict(Fraction)
    groups: dict[str, Fraction] = defaultdict(Fraction)
    for clause in SCHEME.clauses:
        items[clause.parent] += clause.points
        groups[clause.section] += clause.points
    assert items == {item.id: item.points for item in SCHEME.level2}
    assert groups == {group.id: group.points for group in SCHEME.level1}


def test_the_tree_has_3_groups_15_items_and_43_clauses_with_ids_of_their_own():
    ids = [clause.id for clause in SCHEME.clauses]
    assert (len(SCHEME.level1), len(SCHEME.level2), len(ids), len(set(ids))) == (3, 15, 43, 43)


def test_person_days_close_in_every_row_and_headcounts_follow_without_a_gap():
    rows = SCHEME.person_days.rows
    assert [row.first for row in rows] == [1, *(row.last + 1 for row in rows[:-1])]
    for row in rows:
        assert row.initial_total == row.initial_planning + row.initial_site
        assert row.surveillance_site < row.surveillance_total < row.recertification_total <= row.initial_total
        assert row.recertification_site < row.recertification_total


def test_a_headcount_finds_its_row_at_both_ends_and_none_beyond_the_table():
    table = SCHEME.person_days
    assert [row and row.initial_total for row in map(table.row_for, (1, 10, 11, 10700, 10701, 0))] == [
        Decimal("3.0"),
        Decimal("3.0"),
        Decimal("4.0"),
        Decimal("25.0"),
        None,
        None,
    ]


def test_grades_begin_at_70_80_90_and_95():
    assert [(grade.key, grade.min_score, grade.stars) for grade in SCHEME.grades] == [
        (GradeKey.QUALIFIED, 70, 0),
        (GradeKey.STAR3, 80, 3),
        (GradeKey.STAR4, 90, 4),
        (GradeKey.STAR5, 95, 5),
    ]


def test_points_that_no_source_confirms_are_still_marked():
    assert SCHEME.points_status["level3_points"] == "placeholder"
    assert {str(clause.points_status) for clause in SCHEME.clauses} == {"placeholder", "reported"}
    assert {str(group.status) for group in SCHEME.level1} == {"verified"}


def test_every_parameter_names_its_source():
    assert set(SCHEME.parameter_sources) == set(SCHEME.parameters)


def test_no_number_of_the_table_is_a_float():
    for fee in (SCHEME.fees.application, SCHEME.fees.per_person_day):
        assert isinstance(fee, Decimal)
    assert SCHEME.parameters["service_manager_ratio"] == Decimal("0.10")
    assert all(isinstance(clause.points, Fraction) for clause in SCHEME.clauses)


def test_texts_are_there_in_three_languages():
    title = SCHEME.clause("5.1.2.2").title
    assert [title.in_language(code) for code in ("en", "zh-hans", "zh-hant", "zh-HK")] == [
        "After-sales service managers",
        "售后服务管理师",
        "售後服務管理師",
        "售后服务管理师",
    ]
    for clause in SCHEME.clauses:
        for words in (clause.title, clause.demand, *clause.evidence):
            assert all((words.zh, words.zh_hant, words.en))


def test_goods_that_are_not_tangible_may_leave_out_clauses_about_goods():
    packaging = SCHEME.clause("5.2.1.1")
    assert [packaging.is_excludable_for(goods) for goods in Goods] == [False, True, False]


def test_a_clause_that_the_table_does_not_hold_is_a_key_error():
    with pytest.raises(KeyError):
        SCHEME.clause("9.9.9.9")
    assert not SCHEME.has_clause("9.9.9.9")


def test_the_tree_can_be_walked_from_the_groups_down():
    walked = [
        clause.id
        for group in SCHEME.level1
        for item in SCHEME.items_of(group.id)
        for clause in SCHEME.clauses_of(item.id)
    ]
    assert walked == [clause.id for clause in SCHEME.clauses]


def test_the_hash_is_that_of_the_canonical_text_and_survives_a_round_trip():
    assert SCHEME.hash == hashlib.sha256(SCHEME.canonical.encode()).hexdigest()
    assert load(SCHEME.canonical) == SCHEME


def test_the_hash_does_not_depend_on_how_the_file_is_written():
    respelled = shipped_text(SCHEME.id).replace("points = 3\n", "points = 3.0  # three\n")
    assert load(respelled).hash == SCHEME.hash
    reordered = dict(reversed(json.loads(SCHEME.canonical).items()))
    assert load(json.dumps(reordered, indent=1)).hash == SCHEME.hash


def test_the_hash_changes_with_any_word_of_the_content():
    reworded = shipped_text(SCHEME.id).replace("org chart", "organisation chart", 1)
    assert load(reworded).hash != SCHEME.hash


def test_the_shipped_schemes_are_listed_and_others_are_unknown():
    assert shipped_ids() == ["gbt27922-2011"]
    for name in ("gbt27922-2012", "../pyproject", ""):
        with pytest.raises(UnknownSchemeError):
            shipped(name)


def test_there_are_fixed_and_sampled_clauses():
    assert {clause.kind for clause in SCHEME.clauses} == set(ClauseKind)
