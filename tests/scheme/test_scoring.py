import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certbody.scheme.load import load, with_points
from certbody.scheme.marks import EmptyPopulation, Excluded, Met, Sampled, mark_as_json, points_obtained
from certbody.scheme.model import ClauseKind, Goods, GradeKey
from certbody.scheme.score import display, grade_for, progress, progress_of_all, score
from certbody.scheme.sheet import Bonus, build_sheet
from tests.scheme.sheets import (
    FIXED,
    SAMPLED,
    SCHEME,
    all_met,
    deductions,
    full_marks,
    judged,
    marks_for_score,
    quick,
    score_of,
)

EXCLUDABLE = [clause for clause in SCHEME.clauses if clause.is_excludable_for(Goods.TANGIBLE)]
THRESHOLDS = [
    (70, "fail", "qualified"),
    (80, "qualified", "star3"),
    (90, "star3", "star4"),
    (95, "star4", "star5"),
]


def worst(clause_id: str) -> Met | Sampled:
    return Met(met=False) if SCHEME.clause(clause_id).kind is ClauseKind.FIXED else Sampled(3, 3)


def test_a_sheet_without_a_flaw_scores_100_and_five_stars():
    result = score_of(all_met())
    assert (result.obtained, result.applicable, result.final, result.grade) == (100, 100, 100, GradeKey.STAR5)


def test_a_fixed_clause_that_is_not_met_loses_all_of_its_points():
    assert score_of(all_met() | {FIXED: Met(met=False)}).score == 97


def test_a_sampled_clause_loses_the_exact_share_of_its_failed_samples():
    result = score_of(all_met() | {SAMPLED: Sampled(7, 2)})
    assert result.score == 97 + Fraction(15, 7)
    assert result.as_dict()["final_exact"] == "694/7"


def test_an_empty_population_is_judged_as_a_whole():
    seen, unseen = EmptyPopulation(met=True, note="seen"), EmptyPopulation(met=False, note="none")
    assert [score_of(all_met() | {SAMPLED: mark}).score for mark in (seen, unseen)] == [100, 97]


def test_what_is_no_mark_is_a_fault_of_the_program_and_never_counts_as_an_exclusion():
    with pytest.raises(AssertionError):
        points_obtained(SCHEME.clause(FIXED), {"met": True})  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        mark_as_json({"met": True})  # type: ignore[arg-type]


def test_an_excluded_clause_leaves_the_base():
    result = score_of(all_met() | {SAMPLED: Excluded("no outlets"), FIXED: Met(met=False)})
    assert (result.obtained, result.applicable, result.score) == (94, 97, Fraction(9400, 97))


def test_a_group_without_an_applicable_point_still_has_its_row():
    marks = all_met()
    for clause in SCHEME.clauses:
        if clause.section == "5.2" and clause.is_excludable_for(Goods.TANGIBLE):
            marks[clause.id] = Excluded("not in this trade")
    sections = score_of(marks).as_dict()["sections"]
    left = sum(
        clause.points for clause in SCHEME.clauses if clause.section == "5.2" and clause not in EXCLUDABLE
    )
    assert sections["5.2"] == {"obtained": f"{left}.000000", "applicable": f"{left}.000000"}
    assert sections["5.1"] == {"obtained": "40.000000", "applicable": "40.000000"}


def test_deductions_and_bonus_stand_outside_the_score():
    result = score_of(marks_for_score(Fraction(90)), specials=deductions(2), bonus=Bonus("x"))
    assert (result.score, result.special_deductions, result.bonus, result.final) == (90, 2, 1, 89)


def test_the_final_number_is_at_most_100_and_at_least_0():
    assert score_of(all_met(), bonus=Bonus("x")).final == 100
    nothing = {clause.id: worst(clause.id) for clause in SCHEME.clauses}
    assert score_of(nothing, specials=deductions(4)).final == 0
    assert score_of(nothing, specials=deductions(4)).as_dict()["final_exact"] == "0/1"


def test_normalising_comes_before_deductions():
    marks = all_met() | {SAMPLED: Excluded("no outlets"), FIXED: Met(met=False)}
    assert score_of(marks, specials=deductions(1)).final == Fraction(9400, 97) - 1


@pytest.mark.parametrize(("threshold", "below", "at"), THRESHOLDS)
def test_item_53_a_threshold_is_reached_exactly_or_not_at_all(threshold, below, at):
    reached = {
        gap: str(score_of(marks_for_score(threshold - Fraction(gap))).grade)
        for gap in ("0", "1/100", "1/1000000000000")
    }
    assert reached == {"0": at, "1/100": below, "1/1000000000000": below}


@pytest.mark.parametrize("score_text", ["94.95", "94.996", "94.999999999"])
def test_item_53_rounding_never_makes_five_stars(score_text):
    result = score_of(marks_for_score(Fraction(score_text)))
    assert result.grade is GradeKey.STAR4
    assert display(result.final) < "95.00"
    assert Decimal(result.as_dict()["final"]) < 95


@quick
@given(full_marks, st.integers(0, 8), st.booleans())
def test_item_53_score_gives_the_star_that_decimal_arithmetic_gives(marks, special_deductions, has_bonus):
    result = score_of(marks, specials=deductions(special_deductions), bonus=Bonus("x") if has_bonus else None)
    shown = Decimal(result.as_dict()["final"])
    ladder = [(95, "star5"), (90, "star4"), (80, "star3"), (70, "qualified"), (0, "fail")]
    expected = next(word for least, word in ladder if shown >= least) if special_deductions < 5 else "fail"
    assert result.grade == expected
    assert result.is_passed == (expected != "fail")


@quick
@given(full_marks)
def test_item_53_five_deductions_always_fail_and_four_alone_never_do(marks):
    assert score_of(marks, specials=deductions(5)).grade is GradeKey.FAIL
    without, with_four = score_of(marks), score_of(marks, specials=deductions(4))
    assert with_four.grade is grade_for(SCHEME, max(Fraction(0), without.score - 4), 0)


def test_four_deductions_of_a_flawless_sheet_leave_five_stars_and_the_fifth_fails_it():
    grades = [str(score_of(all_met(), specials=deductions(count)).grade) for count in (4, 5)]
    assert grades == ["star5", "fail"]


@quick
@given(full_marks, st.data())
def test_a_better_mark_never_lowers_the_score(marks, data):
    clause = data.draw(st.sampled_from(SCHEME.clauses))
    one, other = data.draw(judged(clause)), data.draw(judged(clause))
    worse, better = sorted((one, other), key=lambda mark: points_obtained(clause, mark) or Fraction(0))
    assert score_of(marks | {clause.id: worse}).final <= score_of(marks | {clause.id: better}).final


@quick
@given(full_marks, st.randoms(use_true_random=False))
def test_the_order_of_the_marks_does_not_matter(marks, random):
    shuffled = list(marks.items())
    random.shuffle(shuffled)
    assert score_of(dict(shuffled)).as_dict() == score_of(marks).as_dict()


@quick
@given(full_marks, st.sampled_from(EXCLUDABLE))
def test_excluding_a_met_clause_never_raises_the_score(marks, clause):
    met = Met(met=True) if clause.kind is ClauseKind.FIXED else Sampled(4, 0)
    assert score_of(marks | {clause.id: Excluded("x")}).score <= score_of(marks | {clause.id: met}).score


@quick
@given(full_marks, st.sampled_from(EXCLUDABLE))
def test_excluding_a_failed_clause_never_lowers_the_score(marks, clause):
    failed = score_of(marks | {clause.id: worst(clause.id)})
    assert score_of(marks | {clause.id: Excluded("x")}).score >= failed.score


@quick
@given(full_marks)
def test_sections_add_up_and_texts_are_the_exact_numbers_rounded_down(marks):
    result = score_of(marks)
    assert sum(section.obtained for section in result.sections.values()) == result.obtained
    assert sum(section.applicable for section in result.sections.values()) == result.applicable
    shown = result.as_dict()
    assert Fraction(shown["final_exact"]) == result.final
    for name, exact in (("obtained", result.obtained), ("score", result.score), ("final", result.final)):
        assert 0 <= exact - Fraction(shown[name]) < Fraction(1, 10**6)


@given(st.fractions(0, 100, max_denominator=10**9), st.integers(1, 8))
@quick
def test_display_rounds_down_and_loses_less_than_one_step(number, places):
    shown = display(number, places)
    assert len(shown.partition(".")[2]) == places
    assert 0 <= number - Fraction(shown) < Fraction(1, 10**places)


def test_display_shows_two_places_on_pages():
    assert [display(Fraction(text)) for text in ("94.996", "95", "0", "200/3")] == [
        "94.99",
        "95.00",
        "0.00",
        "66.66",
    ]
    with pytest.raises(ValueError, match="never below zero"):
        display(Fraction(-1, 3))


def test_the_result_has_the_members_that_programs_rely_on():
    shown = score_of(marks_for_score(Fraction("94.5")), bonus=Bonus("x")).as_dict()
    sections = shown.pop("sections")
    assert shown == {
        "scheme": "gbt27922-2011",
        "version": "1",
        "status": "draft",
        "obtained": "94.500000",
        "applicable": "100.000000",
        "score": "94.500000",
        "special_deductions": 0,
        "bonus": 1,
        "final": "95.500000",
        "final_exact": "191/2",
        "grade": "star5",
        "passed": True,
    }
    assert list(sections) == ["5.1", "5.2", "5.3"]
    assert json.loads(json.dumps(sections)) == sections


def test_a_sheet_is_not_scored_on_another_table():
    other = load(with_points(SCHEME, {"5.1.1.1": 4, "5.1.1.2": 2}, "2"))
    with pytest.raises(ValueError, match="made for"):
        score(other, build_sheet(SCHEME, "draft", all_met()))


def test_a_new_table_never_changes_an_old_result():
    sheet = build_sheet(SCHEME, "confirmed", all_met() | {FIXED: Met(met=False)})
    other = load(with_points(SCHEME, {"5.1.1.1": 4, "5.1.1.2": 2}, "2"))
    new = build_sheet(other, "confirmed", sheet.marks)
    assert [score(table.scheme, table).score for table in (sheet, new)] == [97, 96]


def test_progress_counts_answered_clauses_and_points_of_each_section():
    marks = {
        FIXED: Met(met=True),
        SAMPLED: Excluded("no outlets"),
        "5.1.2.1": Sampled(4, 1),
    }
    sections = progress(SCHEME, marks)
    assert set(sections) == {section.id for section in SCHEME.sections}
    organisation, system, delivery = sections["5.1.1"], sections["5.1"], sections["5.2.3"]
    assert (organisation.obtained, organisation.judged, organisation.applicable) == (3, 3, 3)
    assert (organisation.answered, organisation.total) == (2, 2)
    assert (system.obtained, system.applicable, system.answered, system.total) == (Fraction(15, 4), 37, 3, 18)
    assert (delivery.obtained, delivery.applicable, delivery.answered, delivery.total) == (0, 4, 0, 2)
    assert (system.judged, delivery.judged) == (SCHEME.clause("5.1.2.1").points + 3, 0)
    whole = progress_of_all(SCHEME, marks)
    assert (whole.obtained, whole.judged, whole.answered, whole.total) == (
        system.obtained, system.judged, 3, len(SCHEME.clauses),
    )  # fmt: skip


@quick
@given(full_marks)
def test_the_progress_of_a_complete_sheet_is_its_result(marks):
    result, sections = score_of(marks), progress(SCHEME, marks)
    for group in SCHEME.level1:
        assert sections[group.id].obtained == result.sections[group.id].obtained
        assert sections[group.id].applicable == result.sections[group.id].applicable
        assert sections[group.id].answered == sections[group.id].total
    whole = progress_of_all(SCHEME, marks)
    assert (whole.obtained, whole.judged, whole.applicable) == (
        result.obtained, result.applicable, result.applicable,
    )  # fmt: skip
