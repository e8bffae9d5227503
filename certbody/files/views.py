import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from certbody.files.queries import visible_to
from certbody.files.storage import FileChanged, read
from certbody.security_log import note
from certbody.web.views import user_of


@require_safe
@login_required
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The one way out for private files: always saved, never shown in the site's name.

    A stranger learns nothing (404). Bytes that are not those of the upload are not given out (410, with a
    page).
    """
    user = user_of(request)
    stored = get_object_or_404(visible_to(user), pk=pk)
    try:
        content = read(stored)
    except FileChanged:
        note("file view refused", user=user, result="refused", obj=stored, case=stored.case_id)
        return render(request, "files/file_changed.html", {"stored": stored}, status=410)
    note("file viewed", user=user, result="ok", obj=stored, case=stored.case_id)
    return HttpResponse(
        content,
        content_type=stored.content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, stored.name),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store, private",
        },
    )
