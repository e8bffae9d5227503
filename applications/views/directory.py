"""The desk's lists of organisations and of documents, and the page of one organisation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from applications import queries
from applications.lists import DOCUMENTS, ORGANISATIONS
from applications.queries.members import members_of
from applications.services.handing_over import WHO_HANDS_OVER
from applications.services.serving import WHO_NAMES
from certbody.cases.queries import visible_to
from certbody.web.lists.views import show_list
from certbody.web.panels import panels_for
from certbody.web.stages import stages_of_cases
from certbody.web.views import staff_page, user_of, visible_or_404


@staff_page()
@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    return show_list(request, ORGANISATIONS)


@staff_page()
@require_safe
def document_list(request: HttpRequest) -> HttpResponse:
    return show_list(request, DOCUMENTS)


@staff_page()
@require_safe
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """One client: its data, who looks after it, its cases as far as the reader may know of them."""
    user = user_of(request)
    found = visible_or_404(queries.organisations_visible_to(user), pk=pk)
    cases = list(visible_to(user).filter(organisation=found).order_by("-pk"))
    stages = stages_of_cases(cases)
    context = {
        "organisation": found,
        "members": members_of(found).count(),
        "cases": [(case, stages[case.pk]) for case in cases],
        "may_name_owner": user.has_role(*WHO_NAMES),
        "may_hand_over": user.has_role(*WHO_HANDS_OVER),
        "panels": panels_for("desk_organisation", user, organisation=found),
    }
    return render(request, "applications/desk/organisation.html", context)
