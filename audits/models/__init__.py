from audits.models.audits import Audit, AuditMode, Conclusion, Stage1Mode, TeamMember, TeamRole
from audits.models.findings import Finding, FindingAnswer
from audits.models.people import Qualification, QualificationKind
from audits.models.reports import GradeWord, Recommendation, Report
from audits.models.sheet import Mark, MarkKind, OperationKind, ScoreOperation
from audits.models.stage1 import Concern, DocumentVerdict, ExclusionSettlement, Verdict

__all__ = [
    "Audit",
    "AuditMode",
    "Concern",
    "Conclusion",
    "DocumentVerdict",
    "ExclusionSettlement",
    "Finding",
    "FindingAnswer",
    "GradeWord",
    "Mark",
    "MarkKind",
    "OperationKind",
    "Qualification",
    "QualificationKind",
    "Recommendation",
    "Report",
    "ScoreOperation",
    "Stage1Mode",
    "TeamMember",
    "TeamRole",
    "Verdict",
]
