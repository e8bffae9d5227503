import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from certbody import facts as questions
from certbody.files.alarms import alarm_soon
from certbody.files.models import EXTENSIONS
from certbody.files.queries import visible_to
from certbody.files.storage import FileChanged, read
from certbody.security_log import note
from certbody.web.errors import turned_away
from certbody.web.views import user_of


@require_safe
@login_required
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The one way out for private files: always saved, never shown in the site's name.

    A stranger learns nothing (404). Bytes that are not those of the upload are not given out (410, with a
    page), and the quality manager is told. What an upper floor withholds from the client is not given out
    (409, with its sentence); that is asked last, so that whatever happened meanwhile counts.
    """
    user = user_of(request)
    stored = get_object_or_404(visible_to(user), pk=pk)
    try:
        content = read(stored)
    except FileChanged:
        note("file view refused", user=user, result="refused", obj=stored, case=stored.case_id)
        alarm_soon(stored)
        return turned_away(request, "files/file_changed.html", 410, {"stored": stored})
    reasons = [] if user.is_staff_member else questions.ask("withheld", file=stored)
    if reason := next(filter(None, reasons), ""):
        note("file withheld", user=user, result="refused", obj=stored, case=stored.case_id)
        return turned_away(request, "files/withheld.html", 409, {"stored": stored, "reason": reason})
    note("file viewed", user=user, result="ok", obj=stored, case=stored.case_id)
    return HttpResponse(
        content,
        # a type that no upload has, such as a script, would let a page of ours run the file
        content_type=stored.content_type if stored.content_type in EXTENSIONS else "application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(True, stored.name),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store, private",
        },
    )
