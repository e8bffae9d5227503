"""The score sheet: an overview, and one clause at a time. While it is open it shows points, never a grade."""

import uuid
from dataclasses import dataclass
from fractions import Fraction
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from audits import queries, scoring
from audits.forms.sheet import MarkForm, NoteForm, SpecialForm
from audits.models import Audit, Mark, MarkKind, ScoreOperation
from audits.permissions import SCORING_ROLES, is_on_team
from audits.stage1_state import accepted_exclusions
from audits.states import AuditState
from audits.transitions import AUDIT
from audits.views.staff import SHEET_STATES, dispose_forms, page_context
from certbody import workflow
from certbody.accounts.models import User
from certbody.body.queries import scheme_of
from certbody.scheme.marks import points_obtained
from certbody.scheme.model import Clause, Level1, Level2, Scheme
from certbody.scheme.score import SectionProgress
from certbody.web.steps import status_of
from certbody.web.views import staff_page, user_of, visible_or_404


@dataclass(frozen=True)
class ClauseRow:
    clause: Clause
    mark: Mark | None
    points: Fraction | None


@dataclass(frozen=True)
class ItemRows:
    item: Level2
    rows: tuple[ClauseRow, ...]


@dataclass(frozen=True)
class Section:
    """A group of level 1 with its points so far and its clauses by item."""

    group: Level1
    progress: SectionProgress
    items: tuple[ItemRows, ...]


def _language() -> str:
    return get_language() or "en"


def _audit(request: HttpRequest, pk: int) -> Audit:
    audits = queries.visible_to(user_of(request)).select_related("case__application")
    return visible_or_404(audits, pk=pk, state__in=SHEET_STATES)


def _scores(user: User, audit: Audit) -> bool:
    return audit.state == AuditState.STAGE2 and is_on_team(user, audit, *SCORING_ROLES)


def _judged(user: User, audit: Audit) -> tuple[workflow.Refused | None, int]:
    """How an incomplete form is answered: who may not score now is told that, not what the form misses."""
    refusal = scoring.refusal_of(audit, user)
    return refusal, status_of(refusal) if refusal else HTTPStatus.UNPROCESSABLE_ENTITY


def _row(clause: Clause, mark: Mark | None) -> ClauseRow:
    points = points_obtained(clause, scoring.to_scheme_mark(mark)) if mark else None
    return ClauseRow(clause, mark, points)


def _sections(scheme: Scheme, sheet: scoring.OpenSheet) -> list[Section]:
    progress = scoring.progress_of(scheme, sheet)
    return [
        Section(
            group,
            progress[group.id],
            tuple(
                ItemRows(
                    item, tuple(_row(one, sheet.marks.get(one.id)) for one in scheme.clauses_of(item.id))
                )
                for item in scheme.items_of(group.id)
            ),
        )
        for group in scheme.level1
    ]


def _head(audit: Audit, user: User, scheme: Scheme, sheet: scoring.OpenSheet) -> dict[str, Any]:
    return page_context(audit) | {
        "scheme": scheme,
        "sections": _sections(scheme, sheet),
        "sum": scoring.total_of(scheme, sheet),
        "answered": len(sheet.marks),
        "total": len(scheme.clauses),
        "scores": _scores(user, audit),
    }


def _overview(
    request: HttpRequest,
    audit: Audit,
    *,
    special_form: SpecialForm | None = None,
    bonus_form: NoteForm | None = None,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    user = user_of(request)
    scheme, sheet = scheme_of(audit.case), scoring.open_sheet(audit)
    context = _head(audit, user, scheme, sheet)
    missing = next((one.id for one in scheme.clauses if one.id not in sheet.marks), scheme.clauses[0].id)
    context |= {
        "specials": [(one, scheme.ground(one.value["ground"]).name, uuid.uuid4()) for one in sheet.specials],
        "bonus": sheet.bonus,
        "concerns": dispose_forms(audit, user),
        "dispose_url": workflow.step_url(AUDIT.step("dispose_concern"), audit),
        "next_clause": missing,
        "refusal": refusal,
    }
    if context["scores"]:
        fresh = {"submission": uuid.uuid4()}
        context["special_form"] = special_form or SpecialForm(
            scheme=scheme, language=_language(), initial=fresh, auto_id="special-%s"
        )
        context["bonus_form"] = bonus_form or NoteForm(
            initial={"submission": uuid.uuid4()}, auto_id="bonus-%s"
        )
    return render(request, "audits/sheet.html", context, status=status)


@staff_page()
@require_safe
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    return _overview(request, _audit(request, pk))


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def clause(request: HttpRequest, pk: int, clause: str) -> HttpResponse:
    """One clause: its demand, its evidence, its mark; saving goes on to the next clause."""
    user, audit = user_of(request), _audit(request, pk)
    scheme = scheme_of(audit.case)
    if not scheme.has_clause(clause):
        raise Http404
    shown = scheme.clause(clause)
    exclusion = next((row.reason for row in accepted_exclusions(audit) if row.clause == clause), None)
    if request.method != "POST":
        mark = audit.marks.filter(clause=clause).first()
        form = MarkForm(clause=shown, exclusion=exclusion, initial=_initial(mark))
        return _clause_page(request, audit, scheme, shown, form)
    form = MarkForm(request.POST, clause=shown, exclusion=exclusion)
    if not form.is_valid():
        refusal, status = _judged(user, audit)
        return _clause_page(request, audit, scheme, shown, form, refusal=refusal, status=status)
    try:
        scoring.record_mark(
            audit,
            actor=user,
            clause=clause,
            mark=form.mark(),
            submission=form.cleaned_data["submission"],
            seen=form.cleaned_data["seen"],
            note=form.cleaned_data["note"],
        )
    except scoring.StaleMark as stale:
        again = request.POST.copy()
        again["seen"], again["submission"] = str(stale.newest.pk), str(uuid.uuid4())
        form = MarkForm(again, clause=shown, exclusion=exclusion)
        return _clause_page(request, audit, scheme, shown, form, refusal=stale, status=409)
    except workflow.Refused as refusal:
        return _clause_page(request, audit, scheme, shown, form, refusal=refusal, status=status_of(refusal))
    following = _neighbours(scheme, clause)[1] if request.POST.get("go", "next") == "next" else clause
    if following is None and request.headers.get("HX-Request"):
        # the overview is another page and holds no fragment of this one
        return HttpResponseClientRedirect(reverse("audits:sheet", args=[pk]))
    if following is None:
        return redirect("audits:sheet", pk)
    return redirect("audits:clause", pk, following)


def _neighbours(scheme: Scheme, clause_id: str) -> tuple[str | None, str | None]:
    order = [one.id for one in scheme.clauses]
    at = order.index(clause_id)
    return (order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None)


def _initial(mark: Mark | None) -> dict[str, Any]:
    initial: dict[str, Any] = {"submission": uuid.uuid4(), "seen": mark.operation_id if mark else None}
    if mark is None:
        return initial
    words = {True: "met", False: "not_met"}
    answers = {
        MarkKind.MET: words.get(bool(mark.is_met), ""),
        MarkKind.SAMPLED: "sampled",
        MarkKind.EMPTY: f"empty_{words[bool(mark.is_met)]}",
        MarkKind.EXCLUDED: "excluded",
    }
    return initial | {
        "answer": answers[MarkKind(mark.kind)],
        "sampled": mark.sampled,
        "failed": mark.failed,
        "note": mark.note,
    }


def _clause_page(
    request: HttpRequest,
    audit: Audit,
    scheme: Scheme,
    shown: Clause,
    form: MarkForm,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    sheet = scoring.open_sheet(audit)
    previous, following = _neighbours(scheme, shown.id)
    context = _head(audit, user_of(request), scheme, sheet) | {
        "row": _row(shown, sheet.marks.get(shown.id)),
        "item": next(item for item in scheme.level2 if item.id == shown.parent),
        "form": form,
        "previous": previous,
        "next": following,
        "position": [one.id for one in scheme.clauses].index(shown.id) + 1,
        "history": audit.operations.filter(clause=shown.id).select_related("person").order_by("-sequence"),
        "concerns": audit.concerns.filter(clause=shown.id),
        "refusal": refusal,
    }
    return render(request, "audits/clause.html", context, status=status)


@staff_page()
@require_POST
def add_special(request: HttpRequest, pk: int) -> HttpResponse:
    audit, user = _audit(request, pk), user_of(request)
    form = SpecialForm(request.POST, scheme=scheme_of(audit.case), language=_language(), auto_id="special-%s")
    if not form.is_valid():
        refusal, status = _judged(user, audit)
        return _overview(request, audit, special_form=form, refusal=refusal, status=status)
    try:
        scoring.record_special(audit, actor=user, **form.cleaned_data)
    except workflow.Refused as refusal:
        return _overview(request, audit, special_form=form, refusal=refusal, status=status_of(refusal))
    return redirect("audits:sheet", pk)


@staff_page()
@require_POST
def withdraw_special(request: HttpRequest, pk: int, operation: int) -> HttpResponse:
    audit, user = _audit(request, pk), user_of(request)
    special = visible_or_404(ScoreOperation.objects.filter(audit=audit, kind="special"), pk=operation)
    form = NoteForm(request.POST)
    if not form.is_valid():
        refusal, status = _judged(user, audit)
        refusal = refusal or workflow.NotReady(_first_error(form))
        return _overview(request, audit, refusal=refusal, status=status)
    try:
        scoring.withdraw_special(audit, actor=user, special=special, **form.cleaned_data)
    except workflow.Refused as refusal:
        return _overview(request, audit, refusal=refusal, status=status_of(refusal))
    return redirect("audits:sheet", pk)


@staff_page()
@require_POST
def bonus(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the bonus, or withdraw it when the form says so."""
    audit, user = _audit(request, pk), user_of(request)
    form = NoteForm(request.POST, auto_id="bonus-%s")
    if not form.is_valid():
        refusal, status = _judged(user, audit)
        return _overview(request, audit, bonus_form=form, refusal=refusal, status=status)
    act = scoring.withdraw_bonus if "withdraw" in request.POST else scoring.record_bonus
    try:
        act(audit, actor=user, **form.cleaned_data)
    except workflow.Refused as refusal:
        return _overview(request, audit, refusal=refusal, status=status_of(refusal))
    return redirect("audits:sheet", pk)


def _first_error(form: NoteForm) -> str:
    return str(next(iter(form.errors.values()))[0])
