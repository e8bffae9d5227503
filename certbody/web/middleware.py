from collections.abc import Callable
from http import HTTPStatus

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers

from certbody.web.errors import bad_request

LARGEST_API_BODY = 64 * 1024
METHODS = ("GET", "HEAD", "POST")


class AddressMiddleware:
    """Turns away what no page of ours ever asks for: other methods, a NUL in the address or a cookie, a flood of bytes.

    Views of libraries answer PUT like POST and OPTIONS with 200; here each address knows three methods at most.

    PostgreSQL refuses a NUL in text, which would be a fault on every page that looks something up by name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request, SuspiciousOperation())
        if any("\x00" in value for value in request.COOKIES.values()):
            # the page that says so would look the session up by that very cookie
            request.COOKIES.clear()
            del request.session
            return bad_request(request, SuspiciousOperation())
        if (
            request.path.startswith("/api/")
            and int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_API_BODY
        ):
            return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
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
