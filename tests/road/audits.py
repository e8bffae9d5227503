"""The way of an audit for tests: every state is reached by its steps; only what lies before the audit is inserted."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.models import Application, ApplicationDocument, Contract, ProposedExclusion, Site
from applications.states import ApplicationState, ContractState
from audits import jobs, scoring
from audits.models import (
    Audit,
    DocumentVerdict,
    Finding,
    OperationKind,
    Qualification,
    Report,
    ScoreOperation,
    Verdict,
)
from audits.services.reports import PDF_JOB
from audits.stage1_state import document_lines, exclusion_lines
from audits.transitions import AUDIT, FINDING, REPORT
from certbody import clock
from certbody.accounts.models import GoodsTrade, User
from certbody.accounts.roles import Role
from certbody.body.queries import scheme_of
from certbody.cases.models import Case, Part
from certbody.cases.services import next_number, open_case, record_part
from certbody.files.models import Audience, StoredFile
from certbody.files.storage import store
from certbody.outbox.models import Job
from certbody.scheme.load import shipped
from certbody.scheme.marks import Mark, Met, Sampled, mark_as_json
from certbody.scheme.model import Clause, ClauseKind, DocumentNeed
from certbody.workflow import perform
from tests.road.people import make_organisation, make_user
from tests.road.scoring_tables import SCHEME, confirm_table


@dataclass
class Road:
    """One audit and the people around it."""

    client: User
    planner: User
    lead: User
    auditor: User
    reviewer: User
    case: Case
    contract: Contract
    audit: Audit
    report: Report | None = None
    findings: list[Finding] = field(default_factory=list)

    def reload(self) -> Audit:
        self.audit = Audit.objects.select_related("case__organisation", "case__application").get(
            pk=self.audit.pk
        )
        return self.audit

    def take(self, name: str, actor: User | None, **data: Any) -> Audit:
        """Take a step of the audit."""
        perform(AUDIT.step(name), self.audit, actor=actor, **data)
        return self.reload()


def qualify(user: User, kind: str, *, since: int = -400, until: int | None = 400) -> Qualification:
    """A qualification from and until days counted from today."""
    today = clock.today()
    return Qualification.objects.create(
        person=user.person,
        kind=kind,
        registration=f"CCAA-{user.pk:05}",
        valid_from=today + timedelta(days=since),
        valid_until=None if until is None else today + timedelta(days=until),
    )


def make_auditor(kind: str = "auditor", **dates: int | None) -> User:
    user = make_user(Role.EXPERT if kind == "expert" else Role.AUDITOR)
    qualify(user, kind, **dates)
    return user


def _file(case: Case, kind: str) -> StoredFile:
    return store(
        content=b"%PDF-1.7 " + kind.encode(),
        name=f"{kind}.pdf",
        kind=kind,
        case=case,
        audience=Audience.CLIENT,
    )


@transaction.atomic
def contracted_case(
    client: User, *, exclusions: Mapping[str, str] | None = None, goods: str = GoodsTrade.TANGIBLE
) -> Case:
    """A case whose application and contract are accepted, inserted as rows; audits begin here."""
    organisation = make_organisation(client)
    case = open_case(organisation=organisation, scheme=SCHEME)
    application = Application.objects.create(
        case=case,
        state=ApplicationState.ACCEPTED,
        scope="家用电器的售后服务",
        scope_en="After-sales service of household appliances",
        goods=goods,
        headcount=40,
        service_management_headcount=12,
        managers_trained=2,
        revision=1,
        submitted_at=clock.now(),
        submitted_by=client,
    )
    Site.objects.create(
        application=application,
        name="总部",
        address="深圳市科技路1号",
        headcount=40,
        kind="head_office",
        is_head_office=True,
    )
    for kind in shipped(SCHEME).documents:
        if kind.required in {DocumentNeed.ALWAYS, DocumentNeed.BEFORE_STAGE2}:
            ApplicationDocument.objects.create(
                application=application, kind=kind.key, file=_file(case, kind.key)
            )
    for clause, reason in (exclusions or {}).items():
        ProposedExclusion.objects.create(application=application, clause=clause, reason=reason)
    insert_contract(case, client)
    return case


def insert_contract(case: Case, client: User) -> Contract:
    """An accepted contract for the application as it is; one before it is superseded, as its acceptance would do."""
    application = Application.objects.get(case=case)
    Contract.objects.filter(case=case, state=ContractState.ACCEPTED).update(state=ContractState.SUPERSEDED)
    return Contract.objects.create(
        case=case,
        application=application,
        application_revision=application.revision,
        number=f"C{case.reference}-{next_number('test contract')}",
        revision=next_number(f"test contract of {case.reference}"),
        state=ContractState.ACCEPTED,
        headcount=40,
        person_days=Decimal("6.00"),
        total=Decimal("24000.00"),
        accepted_at=clock.now(),
        accepted_by=client,
        accepted_sha256="0" * 64,
    )


def opened_audit(**facts: Any) -> Road:
    """An audit that a planner has opened; nothing is planned yet."""
    confirm_table()
    client, planner = make_user(), make_user(Role.PLANNER)
    lead, auditor = make_auditor("lead"), make_auditor("auditor")
    reviewer = make_user(Role.TECHNICAL_REVIEWER)
    case = contracted_case(client, **facts)
    contract = case.contracts.get()
    audit = perform(AUDIT.step("open"), Audit(case=case, contract=contract), actor=planner)
    road = Road(client, planner, lead, auditor, reviewer, case, contract, audit)
    road.reload()
    return road


def plan_dates() -> dict[str, Any]:
    today = clock.today()
    return {
        "mode": "FS01",
        "stage1_mode": "desk",
        "stage1_on": today,
        "stage2_from": today,
        "stage2_to": today + timedelta(days=1),
        "plan_note": "",
    }


def planned_audit(**facts: Any) -> Road:
    """Dates are set, lead auditor and auditor appointed; the client has not been asked yet."""
    road = opened_audit(**facts)
    road.take("plan", road.planner, **plan_dates())
    road.take("appoint", road.planner, person=road.lead.person, role="lead")
    road.take("appoint", road.planner, person=road.auditor.person, role="auditor")
    return road


def confirmed_audit(**facts: Any) -> Road:
    """The client has confirmed, the regulator has the plan."""
    road = planned_audit(**facts)
    confirm_plan(road)
    return road


def confirm_plan(road: Road) -> None:
    """Proposed, confirmed by the client, reported to the regulator."""
    road.take("propose", road.planner)
    road.take("confirm", road.client, version=road.audit.plan_version)
    road.take("report_plan", road.planner, reported_on=clock.today(), reference="CNCA-1")


def stage1_audit(**facts: Any) -> Road:
    road = confirmed_audit(**facts)
    road.take("begin_stage1", road.lead)
    return road


def judge_everything(road: Road) -> None:
    """Every document not judged yet is adequate, every exclusion accepted.

    The first document is judged by its step; most tests begin later, so the others are written in one go.
    """
    first, *others = [
        {
            "kind": line.kind.key,
            "document": line.document,
            "verdict": Verdict.ADEQUATE,
            "note": "" if line.document else "seen on site",
        }
        for line in document_lines(road.audit)
        if line.verdict is None
    ]
    road.take("judge_document", road.lead, **first)
    signature = {"audit": road.audit, "person": road.lead.person, "at": clock.now()}
    DocumentVerdict.objects.bulk_create(DocumentVerdict(**found, **signature) for found in others)
    for exclusion in exclusion_lines(road.audit):
        road.take("settle_exclusion", road.lead, proposal=exclusion.proposal, is_accepted=True, note="agreed")


def ready_audit(**facts: Any) -> Road:
    """Stage 1 is concluded as ready; the gate is open."""
    road = stage1_audit(**facts)
    judge_everything(road)
    road.take("conclude_ready", road.lead)
    return road


def open_sheet_audit(**facts: Any) -> Road:
    """Stage 2 has begun; nothing is marked but accepted exclusions."""
    road = ready_audit(**facts)
    road.take("begin_stage2", road.lead)
    return road


def full_mark(clause: Clause) -> Mark:
    return Sampled(10, 0) if clause.kind is ClauseKind.SAMPLED else Met(True)


def mark(road: Road, clause: str, value: Mark, *, actor: User | None = None) -> None:
    """Append a mark on top of whatever the clause has now."""
    current = road.audit.marks.filter(clause=clause).values_list("operation_id", flat=True).first()
    scoring.record_mark(
        road.audit,
        actor=actor or road.lead,
        clause=clause,
        mark=value,
        submission=uuid.uuid4(),
        seen=current,
        note="seen on site",
    )


def mark_everything(road: Road, marks: Mapping[str, Mark] | None = None) -> None:
    """Full points except where `marks` says otherwise; excluded clauses stay as stage 1 settled them.

    Most tests begin after the marking, so the full marks are written in one go, as the same appended operations.
    """
    given = dict(marks or {})
    for clause, value in given.items():
        mark(road, clause, value)
    operations = list(road.audit.operations.all())
    done = {operation.clause for operation in operations}
    left = [clause for clause in scheme_of(road.case).clauses if clause.id not in done]
    ScoreOperation.objects.bulk_create(
        ScoreOperation(
            audit=road.audit,
            sequence=sequence,
            kind=OperationKind.MARK,
            clause=clause.id,
            value=mark_as_json(full_mark(clause)),
            note="seen on site",
            person=road.lead.person,
            at=clock.now(),
            submission=uuid.uuid4(),
        )
        for sequence, clause in enumerate(
            left, start=max((one.sequence for one in operations), default=0) + 1
        )
    )
    record_part(case=road.case, person=road.lead.person, part=Part.STAGE_2)
    scoring.rebuild(road.audit)


def add_special(road: Road, ground: str = "", note: str = "手册与实际不符") -> None:
    key = ground or scheme_of(road.case).rules.grounds[0].key
    scoring.record_special(road.audit, actor=road.lead, ground=key, note=note, submission=uuid.uuid4())


def scored_audit(
    marks: Mapping[str, Mark] | None = None, *, specials: int = 0, bonus: bool = False, **facts: Any
) -> Road:
    """The sheet is closed; each special deduction is an open finding, the report is a draft."""
    road = open_sheet_audit(**facts)
    mark_everything(road, marks)
    for number in range(specials):
        add_special(road, note=f"特别扣分 {number + 1}")
    if bonus:
        scoring.record_bonus(road.audit, actor=road.lead, note="行业领先的服务", submission=uuid.uuid4())
    road.take("close_sheet", road.lead, closing_meeting_on=clock.today())
    road.report = Report.objects.get(audit=road.audit)
    road.findings = list(road.audit.findings.all())
    return road


def close_findings(road: Road) -> None:
    """The client answers every finding, the lead auditor verifies it."""
    for finding in road.audit.findings.all():
        perform(
            FINDING.step("answer"),
            finding,
            actor=road.client,
            cause="培训不足",
            correction="已更正",
            corrective_action="每季度培训",
        )
        verify_answer(finding, road.lead)


def verify_answer(finding: Finding, actor: User) -> None:
    answer = finding.answers.latest("pk").pk
    perform(FINDING.step("verify"), finding, actor=actor, answer=answer, note="records seen")


def return_answer(finding: Finding, actor: User) -> None:
    answer = finding.answers.latest("pk").pk
    perform(FINDING.step("return"), finding, actor=actor, answer=answer, reason="缺少记录")


def return_report(road: Road, reason: str = "请补充") -> Report:
    """The technical reviewer returns the version that is signed off now."""
    version = Report.objects.get(audit=road.audit).version
    step = REPORT.step("return")
    returned: Report = perform(step, road.report, actor=road.reviewer, version=version, reason=reason)
    return returned


def draw_report(report: Report) -> None:
    """Keep the promised PDF as the sweeper would."""
    jobs.make_report_pdf(Job.objects.filter(kind=PDF_JOB, object_id=str(report.pk)).latest("pk"))


def keep_pdf(report: Report, content: bytes = b"%PDF-1.7 report") -> None:
    """Keep a stand-in for the PDF, for tests that do not look into it."""
    version = Report.objects.get(pk=report.pk).version
    perform(REPORT.step("store_pdf"), report, actor=None, version=version, content=content)


def signed_off_report(marks: Mapping[str, Mark] | None = None, *, draw: bool = False, **facts: Any) -> Road:
    """The lead auditor has signed off, the findings are closed, the PDF exists."""
    road = scored_audit(marks, **facts)
    close_findings(road)
    assert road.report is not None
    perform(REPORT.step("write"), road.report, actor=road.lead, summary="服务体系运行有效。")
    perform(REPORT.step("sign_off"), road.report, actor=road.lead)
    (draw_report if draw else keep_pdf)(road.report)
    road.report.refresh_from_db()
    return road


def released_report(marks: Mapping[str, Mark] | None = None, **facts: Any) -> Road:
    """The technical reviewer has released the report with the computed grade; the audit is closed."""
    road = signed_off_report(marks, **facts)
    assert road.report is not None
    grade = road.reload().grade
    recommendation = "refuse" if grade == "fail" else "grant"
    perform(
        REPORT.step("release"),
        road.report,
        actor=road.reviewer,
        version=road.report.version,
        recommendation=recommendation,
        grade="" if grade == "fail" else grade,
        text="完整且一致。",
    )
    road.report.refresh_from_db()
    road.reload()
    return road
