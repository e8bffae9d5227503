"""Uploads in pieces, for the script of the page: begin, ask how far it is, add a piece, cancel. Answers are JSON.

Every answer about an upload says how many bytes are here (`offset`), so whoever lost the connection goes on from there.
"""

import uuid

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from certbody.files import pieces
from certbody.files.models import Upload
from certbody.web.views import user_of, visible_or_404
from certbody.workflow import Refused

PIECE_TYPE = "application/octet-stream"


@require_POST
@login_required
def begin(request: HttpRequest) -> JsonResponse:
    purpose, target = request.POST.get("purpose", ""), request.POST.get("target", "")
    uploader = pieces.uploader_for(user_of(request), purpose, target)
    if uploader is None:
        raise Http404
    size = request.POST.get("size", "")
    if not size.isascii() or not size.isdigit() or len(size) > 12:
        return _refused(_("The size of the file is missing."))
    name = request.POST.get("name", "").replace("\0", "")
    try:
        row = pieces.begin(uploader, purpose=purpose, target=target, name=name, size=int(size))
    except ValidationError as refusal:
        return _refused(" ".join(refusal.messages))
    except Refused as refusal:
        return _refused(str(refusal.sentence))
    return _state(row, status=201)


@require_safe
@login_required
def show(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    return _state(_own(request, pk))


@require_POST
@login_required
def piece(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    """Add the body of the request at the offset that the address names."""
    row = _own(request, pk)
    offset = request.GET.get("offset", "")
    if not offset.isascii() or not offset.isdigit() or len(offset) > 12:
        return _refused(_("The place of the piece is missing."), row)
    # the announced length is all that a server reads; a form would have been taken apart before it came here
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    if request.content_type != PIECE_TYPE or not 0 < announced <= pieces.LARGEST_PIECE:
        return _refused(_("A piece has between 1 byte and 4 MB."), row)
    content = request.body
    try:
        return _state(pieces.receive(row, offset=int(offset), content=content))
    except pieces.WrongOffset as wrong:
        return _refused(_("The file goes on at another place."), wrong.upload, status=409)
    except Upload.DoesNotExist:
        raise Http404 from None


@require_POST
@login_required
def cancel(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    pieces.discard([_own(request, pk)])
    return JsonResponse({})


def _own(request: HttpRequest, pk: uuid.UUID) -> Upload:
    """Nobody else's upload exists for the reader, whoever he is."""
    return visible_or_404(Upload.objects.filter(user=user_of(request)), pk=pk)


def _state(row: Upload, *, status: int = 200) -> JsonResponse:
    facts = {"id": str(row.pk), "name": row.name, "size": row.size, "offset": row.received}
    return JsonResponse(facts, status=status)


def _refused(sentence: str, row: Upload | None = None, *, status: int = 422) -> JsonResponse:
    return JsonResponse({"error": sentence, **({"offset": row.received} if row else {})}, status=status)
