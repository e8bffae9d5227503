"""Who is told and for whom tasks wait."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from audits import queries
from audits.models import Audit, Conclusion, Finding, Report
from audits.permissions import audit_of
from audits.states import AuditState
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.desk.services import Audience
from certbody.outbox.recipients import Recipient, accounts_of


def audit_page(audit: Audit, user: User | None) -> str:
    """Where the work on an audit is done: the client's page; for the team the documents, then the sheet; the audit."""
    if user is None or not user.is_staff_member:
        return reverse("audits:client", args=[audit.pk])
    if audit.state in {AuditState.STAGE1, AuditState.NOT_READY} and queries.is_on_open_team(user, audit):
        return reverse("audits:stage1", args=[audit.pk])
    if audit.state == AuditState.STAGE2 and queries.is_on_open_team(user, audit):
        return reverse("audits:sheet", args=[audit.pk])
    return reverse("audits:detail", args=[audit.pk])


def finding_page(finding: Finding, user: User | None) -> str:
    name = "audits:client" if user is None or not user.is_staff_member else "audits:findings"
    return f"{reverse(name, args=[finding.audit_id])}#finding-{finding.pk}"


def report_page(report: Report, user: User | None) -> str:
    name = "audits:client" if user is None or not user.is_staff_member else "audits:report"
    return reverse(name, args=[report.audit_id])


def desk_page(obj: Any) -> str:
    return reverse("audits:detail", args=[audit_of(obj).pk])


def stage1_page(audit: Audit) -> str:
    return reverse("audits:stage1", args=[audit.pk])


def sheet_page(audit: Audit) -> str:
    return reverse("audits:sheet", args=[audit.pk])


def desk_findings_page(finding: Finding) -> str:
    return f"{reverse('audits:findings', args=[finding.audit_id])}#finding-{finding.pk}"


def desk_report_page(report: Report) -> str:
    return reverse("audits:report", args=[report.audit_id])


def client_page(obj: Any) -> str:
    return reverse("audits:client", args=[audit_of(obj).pk])


def client_finding_page(finding: Finding) -> str:
    return finding_page(finding, None)


def the_client(obj: Any) -> Iterator[Audience]:
    yield Audience(organisation=obj.case.organisation)


def planners(_obj: Any) -> Iterator[Audience]:
    yield Audience(role=Role.PLANNER)


def technical_reviewers(_obj: Any) -> Iterator[Audience]:
    yield Audience(role=Role.TECHNICAL_REVIEWER)


def the_lead(obj: Any) -> Iterator[Audience]:
    person = queries.lead_of(audit_of(obj))
    if person is not None:
        yield Audience(person=person)


def the_lead_of_a_ready_audit(audit: Audit) -> Iterator[Audience]:
    """Also a lead who was appointed after the conclusion: nobody concludes stage 1 a second time."""
    if audit.stage1_conclusion == Conclusion.READY:
        yield from the_lead(audit)


def mail_of_lead(obj: Any) -> Iterator[Recipient]:
    person = queries.lead_of(audit_of(obj))
    if person is not None:
        yield from accounts_of(person)


def mail_of_team(obj: Any) -> Iterator[Recipient]:
    for member in queries.team_of(audit_of(obj)):
        yield from accounts_of(member.person)
