"""Qualifications and declared interests: kept by planner and quality manager, every change in the trail."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audits import queries
from audits.forms.people import EndForm, InterestForm, QualificationForm
from audits.models import Qualification
from audits.services import people as services
from audits.tables import PeopleTable
from certbody import clock
from certbody.accounts.models import Person
from certbody.accounts.roles import Role
from certbody.web.submissions import Submission
from certbody.web.views import staff_page, user_of, visible_or_404
from certbody.workflow import Refused

KEEPERS = (Role.PLANNER, Role.QUALITY)


@staff_page(*KEEPERS)
@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    return render(request, "audits/people.html", {"table": PeopleTable(queries.people())})


def _person(pk: int) -> Person:
    return visible_or_404(queries.people_with_interests(), pk=pk)


def _page(
    request: HttpRequest,
    shown: Person,
    *,
    qualification_form: QualificationForm | None = None,
    interest_form: InterestForm | None = None,
    end_form: EndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = clock.today()
    context = {
        "person": shown,
        "rows": [(row, row.is_valid_on(today)) for row in shown.qualifications.all()],
        "qualification_form": qualification_form or QualificationForm(auto_id="qualification-%s"),
        "interest_form": interest_form or InterestForm(auto_id="interest-%s"),
        "end_form": end_form,
        "today": today,
    }
    return render(request, "audits/person.html", context, status=status)


@staff_page(*KEEPERS)
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _person(pk))


def _once(request: HttpRequest, pk: int, act: Callable[[], None]) -> HttpResponse:
    """Act for the first arrival of a page; a second one only sees what came of it."""
    location, submission = reverse("audits:person", args=[pk]), Submission(request)
    if answer := submission.answer():
        return redirect(answer)
    try:
        submission.once(act, location=location)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect(location)


@staff_page(*KEEPERS)
@require_POST
def add_qualification(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _person(pk)
    form = QualificationForm(request.POST, auto_id="qualification-%s")
    if not form.is_valid():
        return _page(request, shown, qualification_form=form, status=422)

    def add() -> None:
        services.add_qualification(actor=user_of(request), person=shown, **form.values())

    return _once(request, pk, add)


@staff_page(*KEEPERS)
@require_POST
def end_qualification(request: HttpRequest, pk: int, qualification: int) -> HttpResponse:
    shown = _person(pk)
    row = visible_or_404(Qualification.objects.filter(person=shown), pk=qualification)
    form = EndForm(request.POST, valid_from=row.valid_from, auto_id=f"end-{row.pk}-%s")
    if not form.is_valid():
        return _page(request, shown, end_form=form, status=422)
    services.end_qualification(row, actor=user_of(request), **form.cleaned_data)
    return redirect("audits:person", pk)


@staff_page(*KEEPERS)
@require_POST
def add_interest(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _person(pk)
    form = InterestForm(request.POST, auto_id="interest-%s")
    if not form.is_valid():
        return _page(request, shown, interest_form=form, status=422)

    def declare() -> None:
        services.declare_interest(actor=user_of(request), person=shown, **form.values())

    return _once(request, pk, declare)
