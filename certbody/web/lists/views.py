"""The pages of every list of the desk: the list itself, its saved filters, and an action on several rows."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from certbody import workflow
from certbody.accounts.models import User
from certbody.web.exports import export_of
from certbody.web.lists import actions, saved
from certbody.web.lists.actions import BulkAction
from certbody.web.lists.definition import StaffList, list_of
from certbody.web.lists.forms import SavedFilterForm
from certbody.web.lists.reading import Reading
from certbody.web.lists.selection import SelectColumn
from certbody.web.models import SavedFilter
from certbody.web.navigation import belongs_to
from certbody.web.steps import status_of
from certbody.web.submissions import Submission
from certbody.web.views import staff_page, user_of, visible_or_404


def show_list(request: HttpRequest, definition: StaffList, **more: Any) -> HttpResponse:
    """The page of a list, or the file that it is exported to. The caller has asked who may open the page."""
    user = user_of(request)
    kept = saved.saved_for(user, definition.key)
    if not request.GET:
        default = next((one for one in kept if one.is_default and one.user_id == user.pk), None)
        if default is not None:
            return redirect(saved.address_of(default, definition))
    reading = Reading(definition, user, request.GET)
    if file := export_of(request, reading.table(reading.ordered), definition.key):
        return file
    usable = [action for action in definition.actions if action.may_use(user)]
    columns: dict[str, Any] = {}
    if usable and reading.page.rows:
        columns = {"extra_columns": [("select", SelectColumn())], "sequence": ("select", "...")}
    context = {
        "list": definition,
        "reading": reading,
        "form": reading.form,
        "table": reading.table(reading.page.rows, **columns),
        "page": reading.page,
        "kept": [(one, f"?{one.query}", one.query == reading.query) for one in kept],
        "actions": usable,
        "totals": definition.totals(reading.rows) if definition.totals else None,
        **more,
    }
    return render(request, definition.template, context)


def _list_or_404(request: HttpRequest, key: str) -> StaffList:
    """The list that a page is about; the menu marks it."""
    definition = list_of(key)
    if definition is None or not definition.may_read(user_of(request)):
        raise Http404
    belongs_to(request, reverse(definition.url_name))
    return definition


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest, key: str, action: str) -> HttpResponse:
    """What an action will do to each of the chosen rows; POST does it and says what became of each."""
    user = user_of(request)
    definition = _list_or_404(request, key)
    chosen = next((one for one in definition.actions if one.key == action), None)
    if chosen is None:
        raise Http404
    if not chosen.may_use(user):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else request.GET
    keys = _keys_in(sent)
    rows = _chosen_rows(definition, user, keys)
    context = {
        "list": definition,
        "action": chosen,
        "rows": rows,
        "lost": len(keys) - len(rows),
        "back": _way_back(definition, sent.get("back", "")),
        "back_query": sent.get("back", ""),
    }
    if request.method != "POST":
        return _foresee(request, chosen, context, chosen.form())
    form = chosen.form(request.POST)
    if not rows or not form.is_valid():
        return _foresee(request, chosen, context, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    outcomes = actions.carried_out(chosen, rows, user, form.cleaned_data)
    done = sum(outcome.refusal is None for outcome in outcomes)
    context |= {"outcomes": outcomes, "done": done}
    return render(request, "web/lists/outcomes.html", context)


def _foresee(
    request: HttpRequest,
    action: BulkAction,
    context: dict[str, Any],
    form: forms.Form,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    outcomes = actions.foreseen(action, context["rows"], user_of(request))
    possible = [outcome for outcome in outcomes if outcome.refusal is None]
    refused = [outcome for outcome in outcomes if outcome.refusal is not None]
    context |= {"form": form, "possible": possible, "refused": refused}
    return render(request, "web/lists/confirm.html", context, status=status)


def _keys_in(sent: QueryDict) -> list[int]:
    """The chosen rows; what is no number is none, and beyond the most nothing is taken."""
    given = dict.fromkeys(text for text in sent.getlist("rows") if text.isascii() and text.isdigit())
    return [int(text) for text in given if len(text) <= len(str(2**63 - 1)) - 1][: actions.MOST_ROWS]


def _chosen_rows(definition: StaffList, user: User, keys: list[int]) -> list[Any]:
    """The chosen rows that this reader may see, in the order of the page."""
    found = {row.pk: row for row in definition.rows(user).filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]


def _way_back(definition: StaffList, query: str) -> str:
    """The list as it was; only its own parameters are written into the address."""
    kept = QueryDict(query[:2_000]).urlencode()
    address = reverse(definition.url_name)
    return f"{address}?{kept}" if kept else address


@staff_page()
@require_safe
def filters(request: HttpRequest) -> HttpResponse:
    """All saved filters that the reader sees: his own and those shared with a role of his."""
    user = user_of(request)
    saved.remember_pins(request, user)
    belongs_to(request, "")
    found = []
    for row in saved.visible_to(user):
        definition = list_of(row.list_key)
        if definition is not None and definition.may_read(user):
            found.append((row, definition, saved.address_of(row, definition), row.user_id == user.pk))
    return render(request, "web/lists/filters.html", {"found": found})


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def new_filter(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the list as the address shows it; the filters stand in the address of this page too."""
    user = user_of(request)
    definition = _list_or_404(request, key)
    reading = Reading(definition, user, request.GET)
    back = _way_back(definition, reading.query)
    context = {"list": definition, "back": back, "title": _("Keep this filter")}
    if request.method != "POST":
        return _show_form(request, SavedFilterForm(), context)
    submission = Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    form = SavedFilterForm(request.POST)
    if not form.is_valid():
        return _show_form(request, form, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    values = form.values()
    try:
        location = submission.once(
            lambda: saved.save(actor=user, definition=definition, params=request.GET, **values), location=back
        )
    except workflow.Refused as refusal:
        return _show_form(request, form, context, refusal=refusal, status=status_of(refusal))
    saved.remember_pins(request, user)
    messages.success(request, _("The filter is kept."))
    return redirect(location)


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def edit_filter(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename an own filter, share it, put it into the menu."""
    user = user_of(request)
    found = visible_or_404(user.saved_filters, pk=pk)
    definition = _list_or_404(request, found.list_key)
    context = {
        "list": definition,
        "back": reverse("filters"),
        "title": _("Change a saved filter"),
        "saved": found,
    }
    if request.method != "POST":
        fields = ("name", "shared_with", "is_pinned", "is_default")
        initial = {name: getattr(found, name) for name in fields}
        return _show_form(request, SavedFilterForm(initial=initial), context)
    form = SavedFilterForm(request.POST)
    if not form.is_valid():
        return _show_form(request, form, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        saved.change(actor=user, saved=found, **form.values())
    except workflow.Refused as refusal:
        return _show_form(request, form, context, refusal=refusal, status=status_of(refusal))
    saved.remember_pins(request, user)
    messages.success(request, _("Saved."))
    return redirect("filters")


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def delete_filter(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then delete an own filter; the rows that it showed stay as they are."""
    user = user_of(request)
    found: SavedFilter = visible_or_404(user.saved_filters, pk=pk)
    definition = list_of(found.list_key)
    belongs_to(request, reverse(definition.url_name) if definition else "")
    if request.method != "POST":
        return render(request, "web/lists/delete_filter.html", {"saved": found})
    saved.delete(actor=user, saved=found)
    saved.remember_pins(request, user)
    messages.success(request, _("The filter is deleted."))
    return redirect("filters")


def _show_form(
    request: HttpRequest,
    form: SavedFilterForm,
    context: dict[str, Any],
    *,
    refusal: workflow.Refused | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = context | {"form": form, "refusal": refusal}
    return render(request, "web/lists/filter.html", context, status=status)
