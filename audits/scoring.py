"""The score sheet: operations are the record, marks are their projection, the engine makes the result.

One operation is not a step: it is appended under a lock of the audit, only in stage 2 and only by the lead auditor or
an auditor of the team. Closing the sheet is the step; its event holds the hash of the operations.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits import permissions
from audits.models import Audit, Mark, MarkKind, OperationKind, ScoreOperation
from audits.stage1_state import accepted_exclusions
from audits.states import AuditState
from certbody import clock
from certbody.accounts.models import User
from certbody.body.queries import scheme_of
from certbody.cases.models import Part
from certbody.cases.services import record_part
from certbody.scheme.marks import EmptyPopulation, Excluded, Met, Sampled, mark_as_json
from certbody.scheme.marks import Mark as SchemeMark
from certbody.scheme.model import Goods, Scheme
from certbody.scheme.score import Result, SectionProgress, progress, progress_of_all, score
from certbody.scheme.sheet import Bonus, Sheet, Special, build_sheet, mark_faults
from certbody.security_log import note
from certbody.trail.chain import canonical
from certbody.transactions import whole
from certbody.workflow import NotAllowed, NotReady, Refused, WrongState, readable

CONFIRMED = "confirmed"


class StaleMark(WrongState):
    """Somebody marked the clause after the page was shown; `newest` is that operation."""

    def __init__(self, newest: ScoreOperation) -> None:
        super().__init__(
            _("%(person)s has marked this clause since you opened it. Look at that mark, then decide.")
            % {"person": newest.person.name}
        )
        self.newest = newest


@dataclass(frozen=True)
class OpenSheet:
    """The sheet as it stands: marks by clause, the special deductions in force, the bonus."""

    marks: Mapping[str, Mark]
    specials: tuple[ScoreOperation, ...]
    bonus: ScoreOperation | None

    @property
    def scheme_marks(self) -> dict[str, SchemeMark]:
        return {clause: to_scheme_mark(mark) for clause, mark in self.marks.items()}


def to_scheme_mark(mark: Mark) -> SchemeMark:
    """The engine's mark of a row."""
    match mark.kind:
        case MarkKind.MET:
            return Met(bool(mark.is_met))
        case MarkKind.SAMPLED:
            return Sampled(mark.sampled or 0, mark.failed or 0)
        case MarkKind.EMPTY:
            return EmptyPopulation(bool(mark.is_met), mark.note)
    return Excluded(mark.note)


def mark_columns(value: Mapping[str, Any], note: str) -> dict[str, Any]:
    """The columns of a mark's row from the mark as it stands in a score sheet."""
    empty = {"kind": MarkKind.MET, "is_met": None, "sampled": None, "failed": None, "note": note}
    if "excluded" in value:
        return empty | {"kind": MarkKind.EXCLUDED, "note": value["excluded"]}
    if "sampled" in value:
        counts = {"sampled": value["sampled"], "failed": value["failed"]}
        return empty | {"kind": MarkKind.SAMPLED} | counts
    if "population" in value:
        return empty | {"kind": MarkKind.EMPTY, "is_met": value["met"], "note": value["note"]}
    return empty | {"is_met": value["met"]}


def record_mark(
    audit: Audit,
    *,
    actor: User,
    clause: str,
    mark: SchemeMark,
    submission: uuid.UUID,
    seen: int | None,
    note: str = "",
) -> ScoreOperation:
    """Append a mark. `seen` is the operation of the mark that the page showed, None for a clause without one.

    The same submission again returns the first operation. Raises `StaleMark` when the clause was marked in between,
    `NotReady` for a mark that does not fit the clause, `NotAllowed` and `WrongState` as a step does.
    """
    value = mark_as_json(mark)

    def append(locked: Audit) -> ScoreOperation:
        _check_mark(locked, clause, mark)
        current = Mark.objects.filter(audit=locked, clause=clause).select_related("operation__person").first()
        if current is not None and current.operation_id != seen:
            raise StaleMark(current.operation)
        operation = _append(
            locked, actor, OperationKind.MARK, submission, clause=clause, value=value, note=note
        )
        Mark.objects.update_or_create(
            audit=locked, clause=clause, defaults={**mark_columns(value, note), "operation": operation}
        )
        return operation

    return _record(
        audit, actor, submission, append, OperationKind.MARK, clause=clause, value=value, words=note
    )


def record_special(
    audit: Audit, *, actor: User, ground: str, note: str, submission: uuid.UUID, clause: str = ""
) -> ScoreOperation:
    """Append a special deduction; its ground is one of the scheme's, its note becomes the text of the finding."""
    value = {"ground": ground}

    def append(locked: Audit) -> ScoreOperation:
        grounds = {known.key for known in scheme_of(locked.case).rules.grounds}
        if ground not in grounds or not note.strip():
            raise NotReady(_("A special deduction needs one of the grounds of the scheme and a description."))
        return _append(
            locked, actor, OperationKind.SPECIAL, submission, clause=clause, value=value, note=note
        )

    return _record(
        audit, actor, submission, append, OperationKind.SPECIAL, clause=clause, value=value, words=note
    )


def withdraw_special(
    audit: Audit, *, actor: User, special: ScoreOperation, note: str, submission: uuid.UUID
) -> ScoreOperation:
    """Append that a special deduction is withdrawn; one that the client already has as a finding stays."""

    value = {"operation": special.pk}

    def append(locked: Audit) -> ScoreOperation:
        if special.pk not in {one.pk for one in open_sheet(locked).specials}:
            raise WrongState(_("This special deduction has been withdrawn already."))
        if hasattr(special, "finding"):
            raise WrongState(
                _("The client has been told of this finding; it can no longer be withdrawn here.")
            )
        return _append(locked, actor, OperationKind.SPECIAL_WITHDRAWN, submission, value=value, note=note)

    return _record(audit, actor, submission, append, OperationKind.SPECIAL_WITHDRAWN, value=value, words=note)


def record_bonus(audit: Audit, *, actor: User, note: str, submission: uuid.UUID) -> ScoreOperation:
    """Append the special bonus; there is at most one."""

    def append(locked: Audit) -> ScoreOperation:
        if not note.strip():
            raise NotReady(_("The special bonus needs a description."))
        if open_sheet(locked).bonus is not None:
            raise WrongState(_("The special bonus has been given already; there is at most one."))
        return _append(locked, actor, OperationKind.BONUS, submission, note=note)

    return _record(audit, actor, submission, append, OperationKind.BONUS, words=note)


def withdraw_bonus(audit: Audit, *, actor: User, note: str, submission: uuid.UUID) -> ScoreOperation:
    def append(locked: Audit) -> ScoreOperation:
        if open_sheet(locked).bonus is None:
            raise WrongState(_("There is no special bonus to withdraw."))
        return _append(locked, actor, OperationKind.BONUS_WITHDRAWN, submission, note=note)

    return _record(audit, actor, submission, append, OperationKind.BONUS_WITHDRAWN, words=note)


def _record(
    audit: Audit,
    actor: User,
    submission: uuid.UUID,
    append: Callable[[Audit], ScoreOperation],
    kind: OperationKind,
    *,
    clause: str = "",
    value: Mapping[str, Any] | None = None,
    words: str = "",
) -> ScoreOperation:
    """Append once per submission. Another operation under a submission that was used already is refused, not lost."""

    def take() -> ScoreOperation:
        rows = Audit.objects.select_for_update(no_key=True, of=("self",))
        locked = rows.select_related("case").get(pk=audit.pk)
        _check_scorer(locked, actor)
        if earlier := ScoreOperation.objects.filter(submission=submission, audit=locked).first():
            then = (earlier.kind, earlier.clause, earlier.value, earlier.note)
            if then != (kind, clause, dict(value or {}), words):
                raise WrongState(_("This page was sent before; please look at it again."))
            return earlier
        _check_open(locked)
        operation = append(locked)
        record_part(case=locked.case, person=actor.person, part=Part.STAGE_2)
        return operation

    try:
        return whole(take)
    except Refused as refusal:
        note("score refused", user=actor, result="refused", obj=audit, code=refusal.code)
        raise
    except IntegrityError as fault:
        raise readable(fault) from fault


def _check_scorer(audit: Audit, actor: User) -> None:
    if not permissions.is_on_team(actor, audit, *permissions.SCORING_ROLES):
        raise NotAllowed(_("Only the lead auditor and the auditors of this audit score."))


def _check_open(audit: Audit) -> None:
    if audit.state != AuditState.STAGE2:
        raise WrongState(_("The score sheet is closed: nothing can be marked now."))


def refusal_of(audit: Audit, actor: User) -> Refused | None:
    """Why this person cannot score now, whatever the form says."""
    try:
        _check_scorer(audit, actor)
        _check_open(audit)
    except Refused as refusal:
        return refusal
    return None


def _append(
    audit: Audit,
    actor: User,
    kind: str,
    submission: uuid.UUID,
    *,
    clause: str = "",
    value: Mapping[str, Any] | None = None,
    note: str = "",
) -> ScoreOperation:
    last = audit.operations.order_by("-sequence").values_list("sequence", flat=True).first()
    return ScoreOperation.objects.create(
        audit=audit,
        sequence=(last or 0) + 1,
        kind=kind,
        clause=clause,
        value=dict(value or {}),
        note=note,
        person=actor.person,
        at=clock.now(),
        submission=submission,
    )


def _check_mark(audit: Audit, clause: str, mark: SchemeMark) -> None:
    scheme = scheme_of(audit.case)
    if not scheme.has_clause(clause):
        raise NotReady(_("The scheme has no clause %(clause)s.") % {"clause": clause})
    for fault in mark_faults(scheme, {clause: mark}, Goods(audit.case.application.goods)):
        raise NotReady(gettext(fault.template) % fault.params)
    if isinstance(mark, Excluded) and clause not in {row.clause for row in accepted_exclusions(audit)}:
        raise NotReady(_("This clause can be left out only by an exclusion that was accepted at stage 1."))


def open_sheet(audit: Audit) -> OpenSheet:
    """The sheet as it stands, in three queries."""
    marks = {mark.clause: mark for mark in audit.marks.select_related("operation__person")}
    others = audit.operations.exclude(kind=OperationKind.MARK).select_related("person", "finding")
    specials, bonus = in_force(others.order_by("sequence"))
    return OpenSheet(marks, specials, bonus)


def in_force(
    operations: Iterable[ScoreOperation],
) -> tuple[tuple[ScoreOperation, ...], ScoreOperation | None]:
    """The special deductions and the bonus that no later operation withdrew."""
    specials: dict[int, ScoreOperation] = {}
    bonus = None
    for operation in operations:
        match operation.kind:
            case OperationKind.SPECIAL:
                specials[operation.pk] = operation
            case OperationKind.SPECIAL_WITHDRAWN:
                specials.pop(operation.value["operation"], None)
            case OperationKind.BONUS:
                bonus = operation
            case OperationKind.BONUS_WITHDRAWN:
                bonus = None
    return tuple(specials.values()), bonus


def progress_of(scheme: Scheme, sheet: OpenSheet) -> dict[str, SectionProgress]:
    """Points and answered clauses by section; says nothing of grades (docs/decisions/0017)."""
    return progress(scheme, sheet.scheme_marks)


def total_of(scheme: Scheme, sheet: OpenSheet) -> SectionProgress:
    """Points and answered clauses of the whole sheet."""
    return progress_of_all(scheme, sheet.scheme_marks)


def sheet_of(audit: Audit) -> Sheet:
    """The complete sheet; raises the engine's `SheetFaults` while a clause is not marked."""
    opened = open_sheet(audit)
    return build_sheet(
        scheme_of(audit.case),
        CONFIRMED,
        opened.scheme_marks,
        goods=Goods(audit.case.application.goods),
        specials=[Special(one.value["ground"], one.note) for one in opened.specials],
        bonus=Bonus(opened.bonus.note) if opened.bonus else None,
    )


def result_of(audit: Audit) -> Result:
    """The result that the engine makes of the marks now; raises `SheetFaults` while the sheet is not complete."""
    sheet = sheet_of(audit)
    return score(sheet.scheme, sheet)


def operations_hash(audit: Audit) -> str:
    """SHA-256 over the canonical JSON of every operation in order."""
    digest = hashlib.sha256()
    for row in audit.operations.order_by("sequence"):
        columns = {
            "sequence": row.sequence,
            "kind": row.kind,
            "clause": row.clause,
            "value": row.value,
            "note": row.note,
            "person": row.person_id,
            "at": row.at,
            "submission": str(row.submission),
        }
        digest.update(canonical(columns).encode())
    return digest.hexdigest()


def projection(audit: Audit) -> dict[str, dict[str, Any]]:
    """The columns that every mark must have, derived from the operations alone."""
    marks = audit.operations.filter(kind=OperationKind.MARK).order_by("sequence")
    return {row.clause: {**mark_columns(row.value, row.note), "operation_id": row.pk} for row in marks}


def rebuild(audit: Audit) -> int:
    """Make the marks again from the operations; return their number."""
    with transaction.atomic():
        Audit.objects.select_for_update(no_key=True).get(pk=audit.pk)
        audit.marks.all().delete()
        rows = [Mark(audit=audit, clause=clause, **columns) for clause, columns in projection(audit).items()]
        return len(Mark.objects.bulk_create(rows))
