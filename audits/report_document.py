"""What the printed report says: headings in Chinese and English, facts from the rows."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits import queries, scoring
from audits.models import GradeWord, Mark, Report
from audits.scoring import OpenSheet
from certbody.body.queries import scheme_of
from certbody.body.settings_catalogue import settings_of
from certbody.scheme.marks import points_obtained
from certbody.scheme.model import Clause, Scheme
from certbody.scheme.score import display

HEADINGS: dict[str, Promise] = {
    "report": _("Audit report"),
    "client": _("Client"),
    "reference": _("Case"),
    "scope": _("Scope"),
    "standard": _("Standard"),
    "table": _("Scoring table"),
    "mode": _("Audit mode"),
    "stage1": _("Stage 1"),
    "stage2": _("Stage 2"),
    "meeting": _("Closing meeting"),
    "team": _("Audit team"),
    "result": _("Result"),
    "section": _("Section"),
    "obtained": _("Points obtained"),
    "applicable": _("Points that apply"),
    "score": _("Score"),
    "specials": _("Special deductions"),
    "bonus": _("Special bonus"),
    "final": _("Final score"),
    "grade": _("Grade"),
    "clauses": _("Marks by clause"),
    "clause": _("Clause"),
    "mark": _("Mark"),
    "points": _("Points"),
    "evidence": _("Evidence and remarks"),
    "exclusions": _("Exclusions"),
    "findings": _("Findings and their closure"),
    "concerns": _("Concerns of stage 1"),
    "summary": _("Summary"),
    "strengths": _("Strengths"),
    "improvements": _("Opportunities for improvement"),
    "signed": _("Signed off by the lead auditor"),
    "version": _("Version"),
    "none": _("none"),
}


@dataclass(frozen=True)
class Bilingual:
    """One heading in Chinese and English; the same text twice is shown once."""

    zh: str
    en: str

    @property
    def is_one(self) -> bool:
        return self.zh == self.en


def bilingual(sentence: "str | Promise") -> Bilingual:
    with translation.override("zh-hans"):
        zh = str(sentence)
    with translation.override("en"):
        return Bilingual(zh, str(sentence))


@dataclass(frozen=True)
class ClauseLine:
    clause: Clause
    mark: Mark
    points: str

    @property
    def is_excluded(self) -> bool:
        return self.mark.kind == "excluded"


def _lines(scheme: Scheme, sheet: OpenSheet) -> list[ClauseLine]:
    lines = []
    for clause in scheme.clauses:
        mark = sheet.marks[clause.id]
        points = points_obtained(clause, scoring.to_scheme_mark(mark))
        lines.append(ClauseLine(clause, mark, "–" if points is None else display(points)))
    return lines


def context_of(report: Report) -> dict[str, Any]:
    """Everything that the template prints; points are rounded down to two places."""
    audit, case = report.audit, report.case
    scheme, sheet = scheme_of(case), scoring.open_sheet(audit)
    result = audit.result or {}
    office = settings_of(["body_name", "body_name_en"])
    sections = [
        {
            "section": group,
            "obtained": display(Fraction(result["sections"][group.id]["obtained"])),
            "applicable": display(Fraction(result["sections"][group.id]["applicable"])),
        }
        for group in scheme.level1
    ]
    return {
        "words": {key: bilingual(sentence) for key, sentence in HEADINGS.items()},
        "document_title": bilingual(HEADINGS["report"]).zh,
        "reference": case.reference,
        "body_name": office["body_name"],
        "body_name_en": office["body_name_en"],
        "report": report,
        "audit": audit,
        "case": case,
        "application": case.application,
        "scheme": scheme,
        "team": queries.team_of(audit),
        "sections": sections,
        "score": display(Fraction(result["score"])),
        "final": display(Fraction(result["final_exact"])),
        "grade": bilingual(GradeWord(audit.grade).label),
        "lines": _lines(scheme, sheet),
        "specials": [(one, scheme.ground(one.value["ground"]).name) for one in sheet.specials],
        "bonus": sheet.bonus,
        "exclusions": [line for line in _lines(scheme, sheet) if line.is_excluded],
        "findings": queries.findings_of(audit),
        "concerns": audit.concerns.select_related("disposed_by"),
    }
