"""The administrator's door at /admin/: persons, accounts and roles, and no table of evidence."""

import ipaddress
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.accounts.origin import client_address

View = Callable[..., HttpResponseBase]


def comes_from_an_admin_network(request: HttpRequest) -> bool:
    """Whether CERTBODY_ADMIN_NETWORKS names the visitor's network; without it every network will do."""
    networks = settings.CERTBODY_ADMIN_NETWORKS
    if not networks:
        return True
    address = client_address(request)
    return address is not None and any(ipaddress.ip_address(address) in network for network in networks)


class BodyAdminSite(AdminSite):
    """Django's admin behind the product's own sign-in: one password check, one second factor, one lock-out."""

    site_header = _("Administration of the body")
    site_title = _("Administration")
    index_title = _("Persons, accounts and roles")
    enable_nav_sidebar = False

    def admin_view(self, view: View, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not comes_from_an_admin_network(request):
                raise Http404
            if not self.has_permission(request):
                return self._turn_away(request)
            return inner(request, *args, **kwargs)

        return guarded

    def _turn_away(self, request: HttpRequest) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        if not request.user.is_staff_member:
            raise Http404
        raise PermissionDenied

    def login(self, request: HttpRequest, _extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not comes_from_an_admin_network(request):
            raise Http404
        if self.has_permission(request):
            return redirect("admin:index")
        return self._turn_away(request)  # type: ignore[return-value]  # a redirect to the product's sign-in

    def logout(self, _request: HttpRequest, _extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_logout")

    def password_change(self, _request: HttpRequest, _extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")

    def password_change_done(self, _request: HttpRequest, _extra: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")


admin_site = BodyAdminSite(name="admin")
