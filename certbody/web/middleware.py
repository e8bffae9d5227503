from collections.abc import Callable
from http import HTTPStatus

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers

from certbody.web.errors import bad_request, too_large

LARGEST_API_BODY = 64 * 1024
METHODS = ("GET", "HEAD", "POST")
# The files of one form and what stands around them. Judged by its announced length: no server reads more of a body
# than was announced, and a body without a length is read as empty.
LARGEST_BODY = 64 * 1024 * 1024


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
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
        if request.path.startswith("/api/") and announced > LARGEST_API_BODY:
            return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if announced > LARGEST_BODY:
            return too_large(request)
        return self.get_response(request)


class PrivateCacheMiddleware:
    """What a signed-in person saw is kept by no cache and, after the sign-out, by no browser: Back shows nothing.

    Clear-Site-Data leaves the cookies: the session's own dies on the server, the language is nobody's secret.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        is_private = was_signed_in or request.user.is_authenticated or request.path.startswith("/accounts/")
        if is_private and "no-store" not in response.get("Cache-Control", ""):
            add_never_cache_headers(response)
        if was_signed_in and not request.user.is_authenticated:
            response["Clear-Site-Data"] = '"cache", "storage"'
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        return response
