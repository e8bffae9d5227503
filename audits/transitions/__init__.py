"""The steps of audits, findings and reports in the order of the filed procedure."""

from audits.transitions.audit import AUDIT
from audits.transitions.finding import FINDING
from audits.transitions.report import REPORT

__all__ = ["AUDIT", "FINDING", "REPORT"]
