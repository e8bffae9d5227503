"""The second stretch of a case: planning, both stages, findings and report."""

import uuid
from datetime import timedelta

from applications.queries import documents_in_force
from audits import scoring
from audits.models import Audit, TeamRole
from audits.models import Verdict as DocumentVerdict
from certbody.body.queries import scheme_of
from certbody.outbox.sweeper import sweep
from certificates.demo.applying import SCHEME, ApplicationRoad, take
from certificates.demo.marks import marks_for
from certificates.demo.papers import papers
from certificates.demo.people import account


class AuditRoad(ApplicationRoad):
    """The way from the contract to the released report."""

    def open_audit(self) -> None:
        """The planner opens the audit with team and dates."""
        planner = account("planner")
        with self.on(2):
            self.audit = take("audit.open", Audit(case=self.case, contract=self.contract), actor=planner)
            self.audit = take(
                "audit.plan",
                self.audit,
                actor=planner,
                mode="FS01",
                stage1_mode="desk",
                stage1_on=self.day + timedelta(days=10),
                stage2_from=self.day + timedelta(days=20),
                stage2_to=self.day + timedelta(days=22),
                plan_note="",
            )
            for local_part, role in (
                ("lead", TeamRole.LEAD),
                ("auditor", TeamRole.AUDITOR),
                ("expert", TeamRole.EXPERT),
            ):
                person = account(local_part).person
                self.audit = take("audit.appoint", self.audit, actor=planner, person=person, role=role)

    def propose_plan(self) -> None:
        with self.on(1):
            self.audit = take("audit.propose", self._audit, actor=account("planner"))

    def confirm_plan(self) -> None:
        with self.on(2):
            version = self._audit.plan_version
            self.audit = take("audit.confirm", self._audit, actor=self.owner, version=version)

    def report_plan(self) -> None:
        with self.on(1):
            self.audit = take(
                "audit.report_plan",
                self._audit,
                actor=account("planner"),
                reported_on=self.day,
                reference=f"PLAN-{self.case.reference}",
            )

    def begin_stage1(self) -> None:
        with self.on(6):
            self.audit = take("audit.begin_stage1", self._audit, actor=account("lead"))

    def judge_documents(self) -> None:
        """The lead auditor judges what was handed in and settles what was proposed."""
        lead = account("lead")
        with self.on(1):
            for document in documents_in_force(self._application):
                take(
                    "audit.judge_document",
                    self._audit,
                    actor=lead,
                    kind=document.kind,
                    document=document,
                    verdict=DocumentVerdict.ADEQUATE,
                )
            take(
                "audit.note_concern",
                self._audit,
                actor=lead,
                text="现场核实备件库存与台账是否一致。",
                clause="5.1.3.3",
            )

    def conclude_not_ready(self) -> None:
        with self.on(1):
            self.audit = take(
                "audit.conclude_not_ready",
                self._audit,
                actor=account("lead"),
                note="售后服务手册未覆盖投诉升级流程，请补充后再安排现场审查。",
            )

    def conclude_ready(self) -> None:
        with self.on(1):
            self.audit = take(
                "audit.conclude_ready", self._audit, actor=account("lead"), note="文件审查通过。"
            )

    def report_change(self) -> None:
        """The lead auditor finds more people at work than the application names."""
        with self.on(1):
            take(
                "audit.report_change",
                self._audit,
                actor=account("lead"),
                changes={"headcount": self.organisation.headcount + 60},
                sites_changed=False,
                reason="现场名册人数多于申请人数。",
            )

    def begin_stage2(self) -> None:
        with self.on(8):
            self.audit = take("audit.begin_stage2", self._audit, actor=account("lead"))

    def score(self, grade: str, *, specials: int = 0, most: int | None = None) -> None:
        """The auditors mark the clauses, all of them unless `most` says how many."""
        auditors = (account("lead"), account("auditor"))
        marks = list(marks_for(scheme_of(self.case), grade).items())
        with self.on():
            for number, (clause, mark) in enumerate(marks[:most]):
                scoring.record_mark(
                    self._audit,
                    actor=auditors[number % 2],
                    clause=clause,
                    mark=mark,
                    submission=uuid.uuid4(),
                    seen=None,
                )
            for number in range(specials):
                scoring.record_special(
                    self._audit,
                    actor=auditors[0],
                    ground="own_rules",
                    note=f"第 {number + 1} 份抽查工单的上门时间超过服务承诺。",
                    submission=uuid.uuid4(),
                )

    def close_sheet(self) -> None:
        """The closing meeting freezes the score."""
        lead = account("lead")
        with self.on(2):
            for concern in self._audit.concerns.all():
                take(
                    "audit.dispose_concern",
                    self._audit,
                    actor=lead,
                    concern=concern,
                    disposition="现场核实，账物相符。",
                )
            self.audit = take("audit.close_sheet", self._audit, actor=lead, closing_meeting_on=self.day)

    def answer_findings(self, *, first: int | None = None) -> None:
        """The client answers its findings with evidence."""
        evidence = papers(SCHEME)["records"]
        with self.on(7):
            for finding in self._audit.findings.filter(state="open").order_by("pk")[:first]:
                take(
                    "finding.answer",
                    finding,
                    actor=self.owner,
                    cause="派单系统未对超时工单预警。",
                    correction="已逐单回访客户并补偿。",
                    corrective_action="上线超时预警，并纳入网点考核。",
                    files=[evidence],
                )

    def verify_findings(self, *, first: int | None = None) -> None:
        with self.on(3):
            for finding in self._audit.findings.filter(state="answered").order_by("pk")[:first]:
                take(
                    "finding.verify",
                    finding,
                    actor=account("auditor"),
                    answer=finding.answers.latest("pk").pk,
                    note="已核实预警功能截图与回访记录。",
                )

    def return_answer(self) -> None:
        with self.on(3):
            finding = self._audit.findings.filter(state="answered").earliest("pk")
            take(
                "finding.return",
                finding,
                actor=account("auditor"),
                answer=finding.answers.latest("pk").pk,
                reason="请补充整改后一个月的工单统计。",
            )

    def write_report(self) -> None:
        with self.on(2):
            take(
                "report.write",
                self._audit.report,
                actor=account("lead"),
                summary="受审查方售后服务体系运行稳定，服务承诺清晰，记录可追溯。",
                strengths="客户信息系统完整，回访及时。",
                improvements="建议加强偏远网点的备件保障。",
            )

    def sign_off(self) -> None:
        self.write_report()
        with self.on(1):
            take("report.sign_off", self._audit.report, actor=account("lead"))
            sweep()

    def release(self) -> None:
        """The technical reviewer recommends the computed grade, or refusal where the evaluation failed."""
        with self.on(3):
            audit = Audit.objects.get(pk=self._audit.pk)
            failed = audit.grade == "fail"
            take(
                "report.release",
                audit.report,
                actor=account("quality"),
                version=audit.report.version,
                recommendation="refuse" if failed else "grant",
                grade="" if failed else audit.grade,
                text="评价过程完整，评分依据充分。",
            )
            self.audit = Audit.objects.get(pk=audit.pk)
