"""The last third of the road: from a released report to the issued certificate.

`released_case` stands on rows of the lower floors made directly, so that a test of this floor does not walk the whole
road each time; everything from the panel on is done by steps.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from unittest import mock

from django.db import transaction

from applications.models import Application, Contract, Site
from audits import scoring
from audits.models import Audit, Report, ScoreOperation
from certbody import clock
from certbody.accounts.models import Organisation, User
from certbody.accounts.roles import Role
from certbody.body.queries import scheme_of
from certbody.cases.models import Case, CaseKind, Part
from certbody.cases.services import open_case, record_part
from certbody.files.models import Audience
from certbody.files.storage import store
from certbody.outbox import sweeper
from certbody.scheme.model import ClauseKind
from certbody.workflow import perform
from certificates import tasks
from certificates.models import Certificate, Decision, Panel
from certificates.transitions import CLOSE, OPEN, RESERVE, SIGN, VOTE
from tests.road.people import make_organisation, make_user

SCHEME = "gbt27922-2011"
LOSSES = {"star5": 0, "star4": 8, "star3": 17, "qualified": 27, "fail": 40}


@dataclass(frozen=True)
class ReleasedCase:
    """A case whose report is released, with everybody who took part so far."""

    case: Case
    report: Report
    client: User
    sales: User
    lead: User
    auditor: User
    reviewer: User

    @property
    def organisation(self) -> Organisation:
        return self.case.organisation


def released_case(
    *,
    grade: str = "star4",
    organisation: Organisation | None = None,
    kind: str = CaseKind.INITIAL,
    cycle: int = 1,
) -> ReleasedCase:
    with transaction.atomic():
        return _released_case(grade, organisation, kind, cycle)


def _released_case(grade: str, organisation: Organisation | None, kind: str, cycle: int) -> ReleasedCase:
    client = make_user()
    organisation = organisation or make_organisation(client)
    people = {
        "sales": make_user(Role.CONTRACTS),
        "lead": make_user(Role.AUDITOR),
        "auditor": make_user(Role.AUDITOR),
        "reviewer": make_user(Role.TECHNICAL_REVIEWER),
    }
    case = open_case(organisation=organisation, scheme=SCHEME, kind=kind, cycle=cycle)
    contract = _contract(_application(case, client), client)
    audit = _scored_audit(case, contract, people["lead"], grade)
    for person, part in (
        ("sales", Part.SALES),
        ("lead", Part.STAGE_1),
        ("lead", Part.STAGE_2),
        ("auditor", Part.STAGE_2),
        ("reviewer", Part.TECHNICAL_REVIEW),
    ):
        record_part(case=case, person=people[person].person, part=part)
    return ReleasedCase(
        case=case, report=_report(audit, people["lead"], people["reviewer"]), client=client, **people
    )


def _application(case: Case, client: User) -> Application:
    application = Application.objects.create(
        case=case,
        state="accepted",
        scope="家用电器的销售及售后服务",
        scope_en="Sale and after-sales service of household appliances",
        goods="tangible",
        headcount=40,
        service_management_headcount=12,
        managers_trained=2,
        revision=1,
        submitted_at=clock.now(),
        submitted_by=client,
    )
    Site.objects.create(
        application=application,
        name=case.organisation.name,
        name_en=case.organisation.name_en,
        address=case.organisation.operating_address,
        activity="销售及售后服务",
        kind="head_office",
        is_head_office=True,
    )
    return application


def _contract(application: Application, client: User) -> Contract:
    return Contract.objects.create(
        application_revision=application.revision,
        case=application.case,
        application=application,
        number=f"C{application.case.reference}",
        revision=1,
        state="accepted",
        headcount=40,
        person_days=Decimal(6),
        total=Decimal(21000),
        accepted_at=clock.now(),
        accepted_by=client,
        accepted_sha256="0" * 64,
    )


def _scored_audit(case: Case, contract: Contract, lead: User, grade: str) -> Audit:
    today = clock.today()
    audit = Audit.objects.create(
        case=case,
        contract=contract,
        state="stage2",
        mode="FS01",
        stage1_mode="desk",
        stage1_on=today - timedelta(days=20),
        stage2_from=today - timedelta(days=10),
        stage2_to=today - timedelta(days=9),
        stage1_conclusion="ready",
        closing_meeting_on=today - timedelta(days=9),
    )
    left = Fraction(LOSSES[grade])
    operations = []
    for sequence, clause in enumerate(scheme_of(case).clauses, start=1):
        is_lost = clause.points <= left
        left -= clause.points if is_lost else 0
        sampled = {"sampled": 10, "failed": 10 if is_lost else 0}
        value = {"met": not is_lost} if clause.kind is ClauseKind.FIXED else sampled
        operations.append(
            ScoreOperation(
                audit=audit,
                sequence=sequence,
                kind="mark",
                clause=clause.id,
                value=value,
                person=lead.person,
                at=clock.now(),
                submission=uuid.uuid4(),
            )
        )
    ScoreOperation.objects.bulk_create(operations)
    scoring.rebuild(audit)
    result = scoring.result_of(audit)
    assert result.grade == grade
    Audit.objects.filter(pk=audit.pk).update(
        state="closed",
        result=result.as_dict(),
        grade=grade,
        final_exact=f"{result.final.numerator}/{result.final.denominator}",
        operations_hash=scoring.operations_hash(audit),
    )
    audit.refresh_from_db()
    return audit


def _report(audit: Audit, lead: User, reviewer: User) -> Report:
    passed = audit.grade != "fail"
    return Report.objects.create(
        audit=audit,
        case=audit.case,
        state="released",
        summary="服务体系完整，运行有效。",
        pdf=store(
            content=b"%PDF-1.7 report",
            name="report.pdf",
            kind="report",
            case=audit.case,
            audience=Audience.CLIENT,
        ),
        pdf_version=1,
        signed_off_by=lead.person,
        signed_off_at=clock.now(),
        released_by=reviewer.person,
        released_at=clock.now(),
        recommendation="grant" if passed else "refuse",
        recommended_grade=audit.grade if passed else "",
        recommendation_text="材料完整。",
    )


def secretary() -> User:
    return make_user(Role.SECRETARY)


def committee(count: int = 3, *, with_chair: bool = True) -> list[User]:
    """Independent members; the first one is the chair."""
    return [
        make_user(Role.COMMITTEE, Role.CHAIR) if with_chair and number == 0 else make_user(Role.COMMITTEE)
        for number in range(count)
    ]


def opened_panel(
    released: ReleasedCase,
    members: Sequence[User] | None = None,
    *,
    grade: str | None = None,
    outcome: str = "grant",
    actor: User | None = None,
) -> Panel:
    """A panel that votes on a motion, by default on the computed grade."""
    seated = committee() if members is None else members
    motion = released.report.audit.grade if grade is None else grade
    panel: Panel = perform(
        OPEN,
        Panel(case=released.case, report=released.report),
        actor=actor or secretary(),
        outcome=outcome,
        grade="" if outcome == "refuse" else motion,
        reasons="体系运行有效，建议按计算级别授予。",
        members=[member.person for member in seated],
    )
    return panel


def users_of(panel: Panel) -> list[User]:
    return [User.objects.get(person=seat.person) for seat in panel.seats.select_related("person")]


def closed_panel(
    panel: Panel, choices: Sequence[str] = ("for", "for", "for"), *, actor: User | None = None
) -> Panel:
    """Let the members vote in the order of their seats, then close."""
    for member, choice in zip(users_of(panel), choices, strict=False):
        if choice:
            perform(VOTE, panel, actor=member, choice=choice, reason="已阅读全部材料。")
    closed: Panel = perform(CLOSE, panel, actor=actor or secretary())
    return closed


def taken_decision(released: ReleasedCase, *, outcome: str = "grant", grade: str | None = None) -> Decision:
    panel = closed_panel(opened_panel(released, outcome=outcome, grade=grade))
    return Decision.objects.get(panel=panel)


def signed_decision(
    released: ReleasedCase | None = None,
    *,
    outcome: str = "grant",
    grade: str | None = None,
    head: User | None = None,
) -> Decision:
    decision = taken_decision(released or released_case(), outcome=outcome, grade=grade)
    signed: Decision = perform(SIGN, decision, actor=head or make_user(Role.HEAD))
    return signed


def reserved_certificate(decision: Decision | None = None, *, officer: User | None = None) -> Certificate:
    wanted = decision or signed_decision()
    made: Certificate = perform(
        RESERVE, Certificate(case=wanted.case, decision=wanted), actor=officer or make_user(Role.CERTIFICATES)
    )
    return made


def issued_certificate(decision: Decision | None = None, *, draw: bool = False) -> Certificate:
    """An issued certificate; `draw` draws and reads back the real documents, which takes seconds."""
    certificate = reserved_certificate(decision)
    if draw:
        sweeper.sweep()
    else:
        with quick_drawing():
            sweeper.sweep()
    certificate.refresh_from_db()
    assert certificate.state == "valid", certificate.void_reason
    return certificate


@contextmanager
def quick_drawing() -> Iterator[None]:
    """Stand-ins for drawing and reading back: the documents are short texts that name holder, number and language."""

    def draw(manifest: dict[str, object], language: str) -> bytes:
        return f"%PDF-1.7 {manifest['credit_code']} {manifest['number']} {language}".encode()

    with (
        mock.patch.object(tasks, "render_certificate", draw),
        mock.patch.object(tasks, "lint_certificate", return_value=[]),
    ):
        yield
