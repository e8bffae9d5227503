from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from certbody.accounts.models import User
from certbody.body.settings_catalogue import setting

P = ParamSpec("P")
R = TypeVar("R", bound=models.Model)
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def visible_or_404(queryset: "models.QuerySet[R]", **lookup: Any) -> R:
    """Fetch one object from what the user may see; a stranger gets the same 404 as for nothing."""
    found = queryset.filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def user_of(request: HttpRequest) -> User:
    """The signed-in user of a view behind one of the decorators below."""
    return cast(User, request.user)


def staff_page(*roles: str) -> Callable[[View[P]], View[P]]:
    """A desk page: for people who work for the body, and where roles are named for those only."""

    def decorate(view: View[P]) -> View[P]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user = user_of(request)
            if not user.is_staff_member:
                raise Http404
            if roles and not user.has_role(*roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return cast(View[P], guarded)

    return decorate


def client_page(view: View[P]) -> View[P]:
    """A portal page: for people who apply or hold a certificate; staff have the desk."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if user_of(request).is_staff_member:
            return redirect("desk")
        return view(request, *args, **kwargs)

    return cast(View[P], guarded)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "public/home.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people, why and how long; the years are those of the body's settings."""
    years = setting("records_retention_years_after_end")
    return render(request, "public/privacy.html", {"years": years})


@login_required
@require_safe
def own_home(request: HttpRequest) -> HttpResponse:
    return redirect("desk" if user_of(request).is_staff_member else "portal")
