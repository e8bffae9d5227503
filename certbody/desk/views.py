from collections import defaultdict
from collections.abc import Sequence

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from certbody import clock
from certbody.cases.queries import search, visible_to
from certbody.desk.home import home_of
from certbody.desk.mailbox import mails
from certbody.desk.models import Task
from certbody.desk.queries import due_by, open_tasks_in, open_tasks_of
from certbody.desk.services import label_of, name_subjects
from certbody.guide.pages import links_for
from certbody.web.panels import panels_for
from certbody.web.stages import stages_of
from certbody.web.views import client_page, staff_page, user_of, visible_or_404


def _labelled(tasks: Sequence[Task]) -> list[tuple[Task, str | Promise]]:
    """Each task with its words; several of one kind in one case are numbered, so that they can be told apart."""
    name_subjects(tasks)
    alike: dict[tuple[str, int | None, str], list[Task]] = defaultdict(list)
    for task in sorted(tasks, key=lambda one: one.pk):
        alike[task.kind, task.case_id, task.subject].append(task)
    return [(task, _label(task, alike[task.kind, task.case_id, task.subject])) for task in tasks]


def _label(task: Task, alike: list[Task]) -> str | Promise:
    if len(alike) == 1:
        return label_of(task.kind)
    return _("%(task)s (%(number)s of %(total)s)") % {
        "task": label_of(task.kind),
        "number": alike.index(task) + 1,
        "total": len(alike),
    }


@staff_page()
@require_safe
def desk_home(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    tasks = list(open_tasks_of(user)[:100])
    today = clock.today()
    context = {
        "tasks": _labelled(tasks),
        "due": len(due_by(tasks, today)),
        "today": today,
        "panels": panels_for("desk_home", user),
        "guide": links_for(user),
    }
    return render(request, "desk/home.html", context)


@client_page
@require_safe
def portal_home(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    organisations = list(user.organisations.select_related("customer_service_owner").order_by("pk"))
    home = home_of(
        organisations=organisations,
        cases=list(visible_to(user).select_related("organisation")[:50]),
        tasks=list(open_tasks_of(user)[:50]),
    )
    context = {
        "home": home,
        "tasks": _labelled(home.tasks),
        "has_several": len(organisations) > 1,
        "panels": panels_for("portal_home", user),
        "guide": links_for(user),
    }
    return render(request, "portal/home.html", context)


@staff_page()
@require_safe
def desk_search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:80]
    cases = list(search(user_of(request), query)) if query else []
    return render(request, "desk/search.html", {"q": query, "cases": cases})


@staff_page()
@require_safe
def desk_case(request: HttpRequest, reference: str) -> HttpResponse:
    user = user_of(request)
    case = visible_or_404(visible_to(user).select_related("organisation"), reference=reference)
    context = {
        "case": case,
        "stages": stages_of(case),
        "tasks": _labelled(list(open_tasks_in(case, user))),
        "panels": panels_for("desk_case", user, case),
    }
    return render(request, "desk/case.html", context)


@client_page
@require_safe
def portal_case(request: HttpRequest, reference: str) -> HttpResponse:
    user = user_of(request)
    case = visible_or_404(visible_to(user).select_related("organisation"), reference=reference)
    tasks = open_tasks_of(user).filter(case=case)
    context = {
        "case": case,
        "stages": stages_of(case),
        "tasks": _labelled(list(tasks)),
        "panels": panels_for("portal_case", user, case),
    }
    return render(request, "portal/case.html", context)


@require_safe
def demo_mail(request: HttpRequest) -> HttpResponse:
    """The mails written to files, so that the demo can be walked without a mail server."""
    if not settings.CERTBODY_DEMO:
        raise Http404
    return render(request, "desk/demo_mail.html", {"mails": mails()})
