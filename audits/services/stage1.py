"""Stage 1: documents, exclusions, concerns and the conclusion (docs/decisions/0017)."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.models import ApplicationDocument, ProposedExclusion
from applications.services.applications import attach
from applications.transitions import APPLICATION
from audits import queries
from audits.models import Audit, Concern, Conclusion, DocumentVerdict, ExclusionSettlement, Verdict
from audits.services.planning import open_conclusion, record_evaluator
from audits.stage1_state import accepted_exclusions
from certbody import clock
from certbody.accounts.models import User
from certbody.body.queries import scheme_of
from certbody.body.settings_catalogue import setting
from certbody.cases.models import Part
from certbody.files.checks import CheckedFile
from certbody.scheme.model import Goods
from certbody.workflow import NotReady, perform


def begin_stage1(audit: Audit, *, actor: User) -> dict[str, Any]:
    """Begin stage 1; from now on everybody on the team counts as having taken part in the evaluation."""
    members = list(queries.team_of(audit))
    for member in members:
        record_evaluator(member, Part.STAGE_1)
    return {"version": audit.plan_version, "team": [member.person_id for member in members]}


def judge_document(
    audit: Audit,
    *,
    actor: User,
    kind: str,
    verdict: str,
    note: str = "",
    document: ApplicationDocument | None = None,
) -> dict[str, Any]:
    """Record what the auditors found of a document; a later verdict replaces the earlier one."""
    defaults = {"verdict": verdict, "note": note, "person": actor.person, "at": clock.now()}
    DocumentVerdict.objects.update_or_create(audit=audit, document=document, kind=kind, defaults=defaults)
    return {"kind": kind, "document": document.pk if document else None, "verdict": verdict}


def settle_exclusion(
    audit: Audit, *, actor: User, proposal: ProposedExclusion, is_accepted: bool, note: str = ""
) -> dict[str, Any]:
    """Accept or refuse an exclusion that the client proposed (GB/T 27922-2011, 6.2.2).

    Refused: a clause that may not be excluded for these goods, and an exclusion that leaves fewer applicable points
    than the body's floor.
    """
    if is_accepted:
        _check_exclusion(audit, proposal)
    ExclusionSettlement.objects.update_or_create(
        audit=audit,
        clause=proposal.clause,
        defaults={
            "reason": proposal.reason,
            "is_accepted": is_accepted,
            "note": note,
            "person": actor.person,
            "at": clock.now(),
        },
    )
    return {"clause": proposal.clause, "is_accepted": is_accepted}


def _check_exclusion(audit: Audit, proposal: ProposedExclusion) -> None:
    scheme = scheme_of(audit.case)
    goods = Goods(proposal.application.goods)
    if not scheme.has_clause(proposal.clause) or not scheme.clause(proposal.clause).is_excludable_for(goods):
        raise NotReady(
            _("Clause %(clause)s may not be excluded for these goods.") % {"clause": proposal.clause}
        )
    left_out = {row.clause for row in accepted_exclusions(audit)} | {proposal.clause}
    applicable = sum(
        (clause.points for clause in scheme.clauses if clause.id not in left_out), start=Fraction(0)
    )
    floor = setting("applicable_points_floor")
    if applicable < floor:
        raise NotReady(
            _(
                "With this exclusion fewer than %(floor)s points would apply; the body's floor does not allow it."
            )
            % {"floor": floor}
        )


def note_concern(audit: Audit, *, actor: User, text: str, clause: str = "") -> dict[str, Any]:
    """Note what stage 2 has to look at."""
    concern = Concern.objects.create(
        audit=audit, clause=clause, text=text, person=actor.person, at=clock.now()
    )
    return {"concern": concern.pk, "clause": clause}


def dispose_concern(audit: Audit, *, actor: User, concern: Concern, disposition: str) -> dict[str, Any]:
    """Record what stage 2 found of a concern."""
    concern.disposition, concern.disposed_by, concern.disposed_at = disposition, actor.person, clock.now()
    concern.save(update_fields=["disposition", "disposed_by", "disposed_at"])
    return {"concern": concern.pk, "clause": concern.clause}


def _conclude(audit: Audit, conclusion: str, note: str) -> None:
    audit.stage1_conclusion, audit.stage1_note, audit.stage1_concluded_at = conclusion, note, clock.now()
    audit.save(update_fields=["stage1_conclusion", "stage1_note", "stage1_concluded_at"])


def conclude_ready(audit: Audit, *, actor: User, note: str = "") -> dict[str, Any]:
    """Conclude that stage 2 can take place; the client is told."""
    _conclude(audit, Conclusion.READY, note)
    return {"conclusion": str(Conclusion.READY), "concerns": audit.concerns.count()}


def conclude_not_ready(audit: Audit, *, actor: User, note: str) -> dict[str, Any]:
    """Conclude that stage 2 cannot take place yet; the client is told why."""
    _conclude(audit, Conclusion.NOT_READY, note)
    inadequate = audit.document_verdicts.filter(verdict=Verdict.INADEQUATE).count()
    return {"conclusion": str(Conclusion.NOT_READY), "inadequate_documents": inadequate}


def clear_conclusion(audit: Audit) -> None:
    """The lead auditor concludes again: the ground of the conclusion has gone."""
    audit.stage1_conclusion, audit.stage1_concluded_at = "", None
    audit.save(update_fields=["stage1_conclusion", "stage1_concluded_at"])


def resume_stage1(audit: Audit, *, actor: User) -> dict[str, Any]:
    """Look again after the client has supplied what was missing."""
    clear_conclusion(audit)
    return {}


def supply_document(
    audit: Audit,
    *,
    actor: User,
    kind: str,
    upload: CheckedFile,
    number: str = "",
    expires_on: date | None = None,
    replaces: int | None = None,
) -> dict[str, Any]:
    """Take a document that stage 1 misses; a replaced one stays recorded with its verdict.

    Nobody has judged it yet, so a conclusion “ready” falls and the lead auditor concludes again.
    """
    was_ready = audit.stage1_conclusion == Conclusion.READY
    facts = attach(
        audit.case.application,
        actor=actor,
        kind=kind,
        upload=upload,
        number=number,
        expires_on=expires_on,
        replaces=replaces,
    )
    if was_ready:
        clear_conclusion(audit)
        lead = queries.lead_of(audit)
        if lead is not None:
            open_conclusion(audit, lead)
    return {**facts, "was_ready": was_ready}


def report_change(
    audit: Audit, *, actor: User, changes: Mapping[str, Any], sites_changed: bool, reason: str
) -> dict[str, Any]:
    """Headcount, sites or scope differ from the application: the review opens again and the contract is superseded.

    The conclusion of stage 1 falls with the ground it stood on (docs/decisions/0017).
    """
    reopen = APPLICATION.step("reopen")
    perform(reopen, audit.case.application, actor=None, changes=changes, reason=reason)
    audit.change_reason = reason
    audit.save(update_fields=["change_reason"])
    clear_conclusion(audit)
    return {"changed": sorted(changes), "sites_changed": sites_changed}
