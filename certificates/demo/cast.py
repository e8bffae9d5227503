"""The cases of the demo: at least one in every state that the steps reach."""

from collections.abc import Callable
from datetime import date, timedelta

from certbody import clock
from certificates.demo import market, reviewing
from certificates.demo.documents import judge_documents
from certificates.demo.people import account
from certificates.demo.road import Road


def draft(road: Road) -> None:
    road.begin()


def submitted(road: Road) -> None:
    road.begin()
    road.complete()
    road.submit()


def questions(road: Road) -> None:
    submitted(road)
    with road.on():
        judge_documents(road.case.application, reviewer=account("reviewer"))
    road.ask()


def in_review(road: Road) -> None:
    """A reviewer has taken the application and is at work."""
    submitted(road)
    reviewing.taken_over(road)


def submitted_again(road: Road) -> None:
    """Asked back in two ways, answered with changes, and in the reviewer's queue again; two people have interests."""
    submitted(road)
    reviewing.interests(road)
    reviewing.asked_back(road)
    reviewing.answered(road)


def declined(road: Road) -> None:
    submitted(road)
    road.decline("近一年内发生重大售后服务事故，暂不具备申请条件。")


def withdrawn_application(road: Road) -> None:
    submitted(road)
    road.withdraw_application()


def quoted(road: Road) -> None:
    submitted(road)
    road.accept()
    road.quote()


def offered(road: Road) -> None:
    quoted(road)
    road.offer()


def void_offer(road: Road) -> None:
    offered(road)
    road.void_contract()


def contracted(road: Road) -> None:
    offered(road)
    road.sign_contract()


def time_cut(road: Road) -> None:
    quoted(road)
    market.cut(road)


def change_told(road: Road) -> None:
    contracted(road)
    market.tell_of_more_people(road)


def amended(road: Road) -> None:
    """A client whose headcount grew: its application was reviewed anew, the amendment is a draft."""
    contracted(road)
    market.grow(road)
    road.accept()
    road.quote()


def planned(road: Road) -> None:
    contracted(road)
    road.open_audit()
    road.propose_plan()


def confirmed(road: Road) -> None:
    planned(road)
    road.confirm_plan()
    road.report_plan()


def in_stage1(road: Road) -> None:
    confirmed(road)
    road.begin_stage1()
    road.judge_documents()


def not_ready(road: Road) -> None:
    in_stage1(road)
    road.conclude_not_ready()


def changed(road: Road) -> None:
    """Stage 1 finds another headcount: the application is reviewed again and the contract superseded."""
    in_stage1(road)
    road.report_change()


def in_stage2(road: Road) -> None:
    in_stage1(road)
    road.conclude_ready()
    road.begin_stage2()


def scoring_now(road: Road) -> None:
    in_stage2(road)
    road.score("star4", most=31)


def with_findings(road: Road) -> None:
    """Findings open, answered, returned and verified; the report is still a draft."""
    in_stage2(road)
    road.score("star3", specials=4)
    road.close_sheet()
    road.answer_findings(first=1)
    road.verify_findings()
    road.answer_findings(first=1)
    road.return_answer()
    road.answer_findings(first=1)


def reported(road: Road, grade: str = "star4", specials: int = 0) -> None:
    in_stage2(road)
    road.score(grade, specials=specials)
    road.close_sheet()
    if specials:
        road.answer_findings()
        road.verify_findings()
    road.sign_off()


def voting(road: Road) -> None:
    reported(road)
    road.release()
    panel = road.open_panel()
    road.vote(panel, "chair", "member1")


def awaiting_signature(road: Road) -> None:
    reported(road)
    decided(road)


def decided(road: Road) -> None:
    road.release()
    panel = road.open_panel()
    road.vote(panel)
    road.close_panel(panel)


def returned_decision(road: Road) -> None:
    awaiting_signature(road)
    road.return_decision()


def refused(road: Road) -> None:
    """Five special deductions fail whatever the score; the committee refuses and the head signs."""
    reported(road, "star4", specials=5)
    decided(road)
    road.sign_decision()


def certified(grade: str) -> Callable[[Road], None]:
    def walk(road: Road) -> None:
        reported(road, grade, specials=1 if grade == "star3" else 0)
        decided(road)
        road.sign_decision()
        road.issue()

    return walk


def suspended(road: Road) -> None:
    certified("star4")(road)
    road.change_status("suspend", "surveillance", "监督审查未按期实施。", days_later=370)


def restored(road: Road) -> None:
    certified("qualified")(road)
    road.change_status("suspend", "mark", "包装上的认证标志超出范围。", days_later=120)
    road.change_status("restore", "remedied", "标志已更正并核实。", days_later=40)


def withdrawn(road: Road) -> None:
    certified("star3")(road)
    road.change_status("suspend", "requirements", "投诉处理长期超时。", days_later=200)
    road.change_status("withdraw", "unresolved", "暂停期内未完成整改。", days_later=95)


# Days before today on which each story begins. From application to certificate a story takes about 80 days.
STORIES: tuple[tuple[int, Callable[[Road], None]], ...] = (
    (300, certified("star4")),
    (9, questions),
    (1250, certified("star5")),
    (400, certified("star3")),
    (160, certified("star5")),
    (700, suspended),
    (640, withdrawn),
    (500, restored),
    (95, refused),
    (90, voting),
    (88, awaiting_signature),
    (60, scoring_now),
    (75, with_findings),
    (24, planned),
    (3, draft),
    (12, offered),
)
FURTHER_STORIES: tuple[tuple[int, Callable[[Road], None]], ...] = (
    (5, submitted),
    (30, declined),
    (40, withdrawn_application),
    (9, quoted),
    (45, void_offer),
    (16, change_told),
    (28, confirmed),
    (33, in_stage1),
    (38, not_ready),
    (42, changed),
    (85, returned_decision),
    (80, reported),
    (7, in_review),
    (12, submitted_again),
    (11, time_cut),
    (35, amended),
)


def first_day(days_ago: int) -> date:
    return clock.today() - timedelta(days=days_ago)
