from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certbody import workflow
from certbody.body import permissions, queries, services, transitions
from certbody.body.forms import BeginForm, SettingForm
from certbody.body.models import ScoringTable
from certbody.body.settings_catalogue import default_of, entry
from certbody.body.settings_catalogue.kinds import Entry, Kind, cells_of
from certbody.body.tables import ScoringTables
from certbody.trail.timeline import steps_taken_on
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import staff_page, user_of, visible_or_404


@require_safe
@staff_page()
def scoring_tables(request: HttpRequest) -> HttpResponse:
    return _list(request, BeginForm())


def _list(
    request: HttpRequest, form: BeginForm, refusal: workflow.Refused | None = None, status: int = 200
) -> HttpResponse:
    user = user_of(request)
    rows = queries.visible_to(user).defer("content")
    context = {
        "table": ScoringTables(rows),
        "has_rows": rows.exists(),
        "form": form,
        "may_begin": bool(permissions.is_editor(user, None)),
        "refusal": refusal,
    }
    return render(request, "body/scoring_tables.html", context, status=status)


@require_POST
@staff_page()
def begin_scoring_table(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if not permissions.is_editor(user, None):
        raise PermissionDenied
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = BeginForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    draft, remark = ScoringTable(scheme=form.cleaned_data["scheme"]), form.cleaned_data["remark"]
    try:
        location = submission.once(
            lambda: workflow.perform(transitions.BEGIN, draft, actor=user, remark=remark),
            location=lambda table: transitions.page(table, user),
            new=draft,
        )
    except workflow.Refused as refusal:
        return _list(request, form, refusal, status=status_of(refusal))
    return redirect(location)


@require_safe
@staff_page()
def scoring_table(request: HttpRequest, pk: int) -> HttpResponse:
    rows = queries.visible_to(user_of(request))
    table = visible_or_404(
        rows.select_related("created_by", "head_confirmed_by", "quality_confirmed_by"), pk=pk
    )
    scheme = queries.scheme_in(table)
    tree = queries.tree_of(scheme)
    context = {
        "object": table,
        "scheme": scheme,
        "tree": tree,
        "changed": queries.changed_clauses(tree),
        "missing": queries.missing_clauses(scheme),
        "history": steps_taken_on(table),
        "is_draft": table.state == transitions.DRAFT[0],
    }
    return render(request, "body/scoring_table.html", context)


@require_safe
@staff_page()
def scoring_table_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The exact content that the fingerprint names, to be compared, changed and imported again."""
    table = visible_or_404(queries.visible_to(user_of(request)), pk=pk)
    response = HttpResponse(table.content, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="scoring-table-{table.pk}.json"'
    return response


@require_safe
@staff_page()
def body_settings(request: HttpRequest) -> HttpResponse:
    may_edit = bool(permissions.is_editor(user_of(request), None))
    groups = [
        (group, [{"row": row, "shown": shown_value(row.entry, row.value)} for row in rows])
        for group, rows in queries.settings_by_group()
    ]
    return render(request, "body/settings.html", {"groups": groups, "may_edit": may_edit})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def body_setting(request: HttpRequest, key: str) -> HttpResponse:
    known = _entry_or_404(key)
    user = user_of(request)
    may_edit = bool(permissions.is_editor(user, None))
    if request.method == "POST":
        if not may_edit:
            raise PermissionDenied
        submission = Submission(request)
        if answer := submission.answer():
            return redirect(answer)
        form = SettingForm(request.POST, known=known)
        if not form.is_valid():
            return _show(request, known, form, status=422)
        return _change(request, submission, known, form)
    return _show(request, known, SettingForm(known=known) if may_edit else None)


def _entry_or_404(key: str) -> Entry:
    try:
        return entry(key)
    except KeyError:
        raise Http404 from None


def _change(request: HttpRequest, submission: Submission, known: Entry, form: SettingForm) -> HttpResponse:
    data = form.cleaned_data

    def take() -> None:
        services.hold_settings()
        form.refuse_if_changed(known)
        services.change_setting(
            key=known.key,
            value=data["value"],
            source=data["source"],
            actor=submission.user,
            valid_from=data["valid_from"],
        )

    try:
        return redirect(submission.once(take, location=request.path))
    except workflow.WrongState as refusal:
        return _show(request, known, form, refusal=refusal, status=status_of(refusal))


def _show(
    request: HttpRequest,
    known: Entry,
    form: SettingForm | None,
    *,
    refusal: workflow.Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    history = [
        {"row": row, "shown": shown_value(known, known.to_python(row.value))}
        for row in queries.history_of(known.key)
    ]
    default = default_of(known)
    context = {
        "entry": known,
        "form": form,
        "refusal": refusal,
        "history": history,
        "default": shown_value(known, default),
    }
    return render(request, "body/setting.html", context, status=status)


def shown_value(known: Entry, value: Any) -> dict[str, Any]:
    """A value as the templates print it: a switch, labels of choices, rows of a table, or a text."""
    match known.kind:
        case Kind.SWITCH:
            return {"is_switch": True, "on": value}
        case Kind.CHOICE:
            return {"text": known.choices[str(value)]}
        case Kind.CHOICES:
            return {"words": [known.choices[str(word)] for word in value]}
        case Kind.PERSON_DAYS:
            return {"rows": [cells_of(row) for row in value]}
        case Kind.NUMBER:
            return {"text": format(value.normalize(), "f")}
    return {"text": value}
