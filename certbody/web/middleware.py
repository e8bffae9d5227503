from collections.abc import Callable
from http import HTTPStatus

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import add_never_cache_headers

from certbody.web.errors import bad_request, too_large

LARGEST_API_BODY = 64 * 1024
# The files of one form and what stands around them. Judged by its announced length: no server reads more of a body
# than was announced, and a body without a length is read as empty.
LARGEST_BODY = 64 * 1024 * 1024


class AddressMiddleware:
    """Turns away what no page of ours ever asks for: a NUL in the address or a cookie, a flood of bytes.

    PostgreSQL refuses a NUL in text, which would be a fault on every page that looks something up by name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request, SuspiciousOperation())
        if any("\x00" in value for value in request.COOKIES.values()):
            # the page that says so would look the session up by that very cookie
            request.COOKIES.clear()
            del request.session
            return bad_request(request, SuspiciousOperation())
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
        if request.path.startswith("/api/") and announced > LARGEST_API_BODY:
            return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if announced > LARGEST_BODY:
            return too_large(request)
        return self.get_response(request)


class PrivateCacheMiddleware:
    """Pages of a signed-in user are not kept by any cache, so that Back after sign-out shows nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            add_never_cache_headers(response)
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        return response
