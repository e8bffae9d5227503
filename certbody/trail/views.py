from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from certbody.trail.checkpoints import newest_checkpoint, public_key


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest signed end of the trail, so that anybody can keep it and later hold it against the body."""
    context = {"checkpoint": newest_checkpoint(), "public_key": public_key()}
    response = render(request, "trail/checkpoint.html", context)
    add_never_cache_headers(response)
    return response


@require_safe
def checkpoint_file(request: HttpRequest) -> HttpResponse:
    """The same as JSON: `signature` covers the canonical JSON (sorted keys, no spaces) of the other three facts."""
    newest = newest_checkpoint()
    facts = newest.as_dict() if newest else {}
    response = JsonResponse(facts | {"public_key": public_key()}, json_dumps_params={"ensure_ascii": False})
    add_never_cache_headers(response)
    return response
