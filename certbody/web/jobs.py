"""How far slow work is: a part of the page of its object that looks again by itself."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certbody import workflow
from certbody.outbox.models import Job, PromiseState
from certbody.web.views import user_of, visible_or_404


@login_required
@require_safe
def job_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of one job for those who may see its object; a page that waits for it is loaded again at its end."""
    job = visible_or_404(Job.objects.all(), pk=pk)
    table = next((one for one in workflow.tables() if one.model._meta.label_lower == job.object_type), None)
    if table is None or not table.visible_to(user_of(request)).filter(pk=job.object_id).exists():
        raise Http404
    response = render(request, "web/job.html", {"job": job})
    if job.state == PromiseState.DONE:
        response["HX-Refresh"] = "true"
    return response
