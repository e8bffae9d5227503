import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from certbody import facts as questions
from certbody.accounts.models import User
from certbody.files.alarms import alarm_soon
from certbody.files.giving import given_out
from certbody.files.marking import mark_of, marked_copy
from certbody.files.models import EXTENSIONS, Quarantine, StoredFile
from certbody.files.previews import has_preview, path_of
from certbody.files.quarantine import in_quarantine, quarantine_of
from certbody.files.queries import visible_to
from certbody.files.storage import FileChanged, read
from certbody.pdf.render import RenderFailed
from certbody.security_log import note
from certbody.web.errors import turned_away
from certbody.web.views import user_of


@require_safe
@login_required
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The one way out for private files: always saved, never shown in the site's name.

    A stranger learns nothing (404). Bytes that are not those of the upload are not given out (410, with a page), and
    the quality manager is told; neither is a file in which malicious software was found later. What an upper floor
    withholds from the client is not given out (409, with its sentence); that is asked last, so that whatever happened
    meanwhile counts. A document that no longer holds is given out as a marked copy; the body's people can ask for the
    `original`, whose hash is on record.
    """
    user = user_of(request)
    stored = get_object_or_404(visible_to(user), pk=pk)
    if closed := quarantine_of(stored):
        note("file view refused", user=user, result="refused", obj=stored, case=stored.case_id)
        return turned_away(request, "files/quarantined.html", 410, _about(user, closed))
    try:
        content = read(stored)
    except FileChanged:
        note("file view refused", user=user, result="refused", obj=stored, case=stored.case_id)
        alarm_soon(stored)
        return turned_away(request, "files/file_changed.html", 410, {"stored": stored})
    if reason := _withheld(user, stored):
        note("file withheld", user=user, result="refused", obj=stored, case=stored.case_id)
        return turned_away(request, "files/withheld.html", 409, {"stored": stored, "reason": reason})
    note("file viewed", user=user, result="ok", obj=stored, case=stored.case_id)
    name, mark = stored.name, None if user.is_staff_member and "original" in request.GET else mark_of(stored)
    if mark is not None:
        name = mark.named(name)
        try:
            content = marked_copy(content, mark)
        except RenderFailed as failure:
            context = {"stored": stored, "reason": failure.sentence, "status": 503}
            return turned_away(request, "files/withheld.html", 503, context)
    # a type that no upload has, such as a script, would let a page of ours run the file
    content_type = stored.content_type if stored.content_type in EXTENSIONS else "application/octet-stream"
    return given_out(content, content_type, content_disposition_header(True, name))


@require_safe
@login_required
def preview(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The small picture of a file, for whoever may read the file itself; 404 where there is none."""
    user = user_of(request)
    stored = get_object_or_404(visible_to(user).exclude(in_quarantine()), pk=pk)
    if not has_preview(stored) or _withheld(user, stored):
        raise Http404
    note("preview viewed", user=user, result="ok", obj=stored, case=stored.case_id)
    return given_out(path_of(stored).read_bytes(), "image/png", "inline")


def _about(user: User, closed: Quarantine) -> dict[str, Any]:
    """What the page of a closed file says: what was found, where a clean copy is brought, who waits for whom."""
    addresses = questions.ask("replacement", file=closed.file, user=user)
    return {
        "stored": closed.file,
        "closed": closed,
        "replacement": next(filter(None, addresses), ""),
    }


def _withheld(user: User, stored: StoredFile) -> str:
    """Why an upper floor does not give this file to the client yet; empty when it does."""
    reasons = [] if user.is_staff_member else questions.ask("withheld", file=stored)
    return str(next(filter(None, reasons), ""))
