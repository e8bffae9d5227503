"""The score sheet in a browser: clause by clause, with and without JavaScript; points, never a grade."""

import re
import uuid
from typing import Any

import pytest

from audits.models import Mark, ScoreOperation
from certbody.accounts.models import User
from certbody.scheme.load import shipped
from certbody.scheme.marks import Met
from certbody.scheme.model import ClauseKind
from tests.audits.pages import desk, signed_in
from tests.road.audits import Road, add_special, mark, mark_everything, open_sheet_audit, scored_audit
from tests.road.scoring_tables import SCHEME

pytestmark = pytest.mark.django_db

CLAUSES = shipped(SCHEME).clauses
FIXED = next(clause.id for clause in CLAUSES if clause.kind is ClauseKind.FIXED)
SAMPLED = next(clause.id for clause in CLAUSES if clause.kind is ClauseKind.SAMPLED)
GRADE_WORDS = (
    "Five stars",
    "Four stars",
    "Three stars",
    "Not passed",
    "star5",
    "star4",
    "star3",
)


def _post(road: Road, clause: str, user: User | None = None, **data: Any) -> Any:
    given = {"submission": str(uuid.uuid4()), "seen": "", "go": "next", **data}
    return signed_in(user or road.lead).post(desk(road.audit, f"sheet/{clause}/"), given)


def test_saving_goes_on_to_the_next_clause() -> None:
    road = open_sheet_audit()
    answer = _post(road, CLAUSES[0].id, **_answer_for(0))
    assert answer.url == desk(road.audit, f"sheet/{CLAUSES[1].id}/")
    assert Mark.objects.get().clause == CLAUSES[0].id


def _answer_for(index: int) -> dict[str, str]:
    if CLAUSES[index].kind is ClauseKind.SAMPLED:
        return {"answer": "sampled", "sampled": "10", "failed": "2", "note": "两单没有回访记录"}
    return {"answer": "met"}


def test_the_last_clause_leads_to_the_overview() -> None:
    road = open_sheet_audit()
    answer = _post(road, CLAUSES[-1].id, **_answer_for(len(CLAUSES) - 1))
    assert answer.url == desk(road.audit, "sheet/")


def test_saving_can_stay_on_the_clause() -> None:
    road = open_sheet_audit()
    assert _post(road, FIXED, answer="met", go="stay").url == desk(road.audit, f"sheet/{FIXED}/")


@pytest.mark.parametrize(
    ("clause", "data", "message"),
    [
        (FIXED, {}, "This field is required"),
        (FIXED, {"answer": "not_met"}, "Say what is not met"),
        (SAMPLED, {"answer": "sampled", "sampled": "10"}, "Please give a number"),
        (SAMPLED, {"answer": "sampled", "sampled": "2", "failed": "3"}, "No more can be not conforming"),
        (SAMPLED, {"answer": "sampled", "sampled": "10", "failed": "2"}, "Say what was found in the samples"),
        (SAMPLED, {"answer": "empty_met"}, "Say why there was nothing to sample"),
        (SAMPLED, {"answer": "met"}, "Select a valid choice"),
    ],
)
def test_an_incomplete_mark_is_shown_again_with_the_reason(
    clause: str, data: dict[str, str], message: str
) -> None:
    road = open_sheet_audit()
    answer = _post(road, clause, **data)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not ScoreOperation.objects.exists()


def test_item_34_the_second_tablet_sees_both_marks_and_decides() -> None:
    road = open_sheet_audit()
    mark(road, FIXED, Met(True), actor=road.auditor)
    answer = _post(road, FIXED, answer="not_met", note="未见记录")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert road.auditor.person.name in page
    assert "未见记录" in page
    newest = ScoreOperation.objects.get()
    assert f'name="seen" value="{newest.pk}"' in page
    assert _post(road, FIXED, answer="not_met", note="未见记录", seen=str(newest.pk)).status_code == 302
    assert Mark.objects.get().is_met is False


@pytest.mark.parametrize("person", ["planner", "reviewer"])
def test_who_only_sees_the_case_cannot_mark(person: str) -> None:
    road = open_sheet_audit()
    user = getattr(road, person)
    assert "data-mark-form" not in signed_in(user).get(desk(road.audit, f"sheet/{FIXED}/")).content.decode()
    assert _post(road, FIXED, user, answer="met").status_code == 403


def test_the_sentence_about_the_other_mark_keeps_the_note_as_it_was_written() -> None:
    road = open_sheet_audit()
    first = _post(road, FIXED, road.auditor, answer="not_met", note="未见记录？")
    assert first.status_code == 302
    page = _post(road, FIXED, answer="met").content.decode()
    assert " · 未见记录？</p>" in page


@pytest.mark.parametrize(
    "part", [f"sheet/{FIXED}/", "sheet/specials/", "sheet/bonus/", "withdrawal", "report/"]
)
def test_who_may_not_is_refused_before_an_empty_form_is_judged(part: str) -> None:
    road = scored_audit(specials=1) if part == "report/" else open_sheet_audit()
    if part == "withdrawal":
        add_special(road)
        part = f"sheet/specials/{ScoreOperation.objects.get().pk}/withdraw/"
    address = desk(road.audit, part)
    assert signed_in(road.planner).post(address, {}).status_code == 403
    assert signed_in(road.lead).post(address, {}).status_code == 422


@pytest.mark.parametrize("part", [f"{FIXED}/", "specials/", "bonus/"])
def test_a_closed_sheet_refuses_an_empty_form_as_closed(part: str) -> None:
    road = scored_audit()
    answer = signed_in(road.lead).post(desk(road.audit, f"sheet/{part}"), {})
    assert answer.status_code == 409
    assert "The score sheet is closed" in answer.content.decode()


def test_strangers_find_no_sheet(other_auditor: User, other_client: User) -> None:
    road = open_sheet_audit()
    for stranger in (other_auditor, other_client, road.client):
        assert _post(road, FIXED, stranger, answer="met").status_code == 404


def test_a_clause_refuses_other_methods() -> None:
    road = open_sheet_audit()
    assert signed_in(road.lead).put(desk(road.audit, f"sheet/{FIXED}/")).status_code == 405


def test_a_closed_sheet_takes_no_mark() -> None:
    road = scored_audit()
    assert _post(road, FIXED, answer="met", seen="1").status_code == 409


def test_an_open_sheet_shows_points_and_what_is_missing_but_no_grade() -> None:
    road = open_sheet_audit()
    mark_everything(road)
    for part in ("sheet/", f"sheet/{FIXED}/"):
        page = signed_in(road.lead).get(desk(road.audit, part)).content.decode()
        assert "40.00" in page
        assert [word for word in GRADE_WORDS if word in page] == [], part


def test_a_closed_sheet_shows_the_grade() -> None:
    road = scored_audit()
    assert "Five stars" in signed_in(road.lead).get(desk(road.audit, "sheet/")).content.decode()


def test_an_accepted_exclusion_is_offered_on_its_clause_only() -> None:
    road = open_sheet_audit(exclusions={"5.2.6.1": "不回收"})
    browser = signed_in(road.lead)
    assert 'value="excluded"' in browser.get(desk(road.audit, "sheet/5.2.6.1/")).content.decode()
    assert 'value="excluded"' not in browser.get(desk(road.audit, f"sheet/{FIXED}/")).content.decode()


class TestSpecials:
    """Special deductions, their withdrawal, the bonus."""

    @staticmethod
    def _data(**changes: str) -> dict[str, str]:
        ground = shipped(SCHEME).rules.grounds[0].key
        return {"submission": str(uuid.uuid4()), "ground": ground, "note": "违反服务承诺", **changes}

    def test_a_special_is_recorded_and_withdrawn(self) -> None:
        road = open_sheet_audit()
        browser = signed_in(road.auditor)
        assert browser.post(desk(road.audit, "sheet/specials/"), self._data()).status_code == 302
        assert "违反服务承诺" in browser.get(desk(road.audit, "sheet/")).content.decode()
        address = desk(road.audit, f"sheet/specials/{ScoreOperation.objects.get().pk}/withdraw/")
        assert browser.post(address, self._data(note="误记")).status_code == 302
        assert browser.post(address, self._data(note="误记")).status_code == 409

    def test_each_withdrawal_of_a_page_is_one_of_its_own(self) -> None:
        road = open_sheet_audit()
        browser = signed_in(road.auditor)
        for _special in range(2):
            browser.post(desk(road.audit, "sheet/specials/"), self._data())
        page = browser.get(desk(road.audit, "sheet/")).content.decode()
        keys = re.findall(
            r'/withdraw/" class="cb-inline-form">.*?name="submission" value="([^"]+)"', page, re.DOTALL
        )
        assert len(keys) == len(set(keys)) == 2

    def test_a_submission_that_was_used_for_another_special_is_refused_and_not_lost(self) -> None:
        road = open_sheet_audit()
        browser = signed_in(road.auditor)
        for _special in range(2):
            browser.post(desk(road.audit, "sheet/specials/"), self._data())
        first, second = [
            desk(road.audit, f"sheet/specials/{one.pk}/withdraw/")
            for one in ScoreOperation.objects.filter(kind="special")
        ]
        data = self._data(note="误记")
        assert [browser.post(address, data).status_code for address in (first, first, second)] == [
            302,
            302,
            409,
        ]
        assert ScoreOperation.objects.filter(kind="special_withdrawn").count() == 1

    def test_the_bonus_is_given_once_and_withdrawn(self) -> None:
        road = open_sheet_audit()
        browser, address = signed_in(road.lead), desk(road.audit, "sheet/bonus/")
        assert browser.post(address, self._data()).status_code == 302
        assert browser.post(address, self._data()).status_code == 409
        assert browser.post(address, self._data(withdraw="1")).status_code == 302
        assert browser.post(address, self._data(withdraw="1")).status_code == 409

    @pytest.mark.parametrize("part", ["specials/", "bonus/"])
    def test_an_empty_text_is_refused(self, part: str) -> None:
        road = open_sheet_audit()
        assert (
            signed_in(road.lead).post(desk(road.audit, f"sheet/{part}"), self._data(note="")).status_code
            == 422
        )

    def test_strangers_others_and_other_methods_are_refused(self, other_auditor: User) -> None:
        road = open_sheet_audit()
        add_special(road)
        withdrawal = f"specials/{ScoreOperation.objects.get().pk}/withdraw/"
        for part in ("specials/", "bonus/", withdrawal):
            address = desk(road.audit, f"sheet/{part}")
            assert signed_in(other_auditor).post(address, self._data()).status_code == 404
            assert signed_in(road.planner).post(address, self._data()).status_code == 403
            assert signed_in(road.lead).get(address).status_code == 405
        assert ScoreOperation.objects.count() == 1

    def test_the_same_special_sent_twice_is_recorded_once(self) -> None:
        road = open_sheet_audit()
        data, browser = self._data(), signed_in(road.lead)
        for _time in range(2):
            assert browser.post(desk(road.audit, "sheet/specials/"), data).status_code == 302
        assert ScoreOperation.objects.count() == 1


@pytest.mark.parametrize("marked", [1, 3])
@pytest.mark.parametrize(("part", "queries"), [("sheet/", 20), (f"sheet/{FIXED}/", 18), ("", 15)])
def test_pages_of_an_audit_ask_the_database_equally_often(
    part: str, queries: int, marked: int, django_assert_num_queries: Any
) -> None:
    road = open_sheet_audit()
    for clause in [one for one in CLAUSES if one.kind is ClauseKind.FIXED][:marked]:
        mark(road, clause.id, Met(True))
    for number in range(marked):
        add_special(road, note=f"特别扣分 {number}")
    browser = signed_in(road.lead)
    browser.get(desk(road.audit, part))
    with django_assert_num_queries(queries):
        browser.get(desk(road.audit, part))
