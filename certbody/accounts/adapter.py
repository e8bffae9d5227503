import logging
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, override

from certbody.accounts.models import Person, User
from certbody.accounts.origin import client_address
from certbody.accounts.sealing import vault
from certbody.body.settings_catalogue import settings_of
from certbody.security_log import note
from certbody.web.lists.saved import remember_pins

LINKS = ("activate_url", "password_reset_url", "signup_url")
log = logging.getLogger(__name__)


def at_own_address(url: str) -> str:
    """The same page under CERTBODY_URL, the only source of absolute addresses: a request never names one."""
    _scheme, _host, path, query, _fragment = urlsplit(url)
    own = urlsplit(settings.CERTBODY_URL)
    return str(urlunsplit((own.scheme, own.netloc, path, query, "")))


def language_of_request() -> str:
    """The page's language as accounts store it."""
    code = get_language() or ""
    return code if code in dict(settings.LANGUAGES) else "zh-hans"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    @transaction.atomic
    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Make the person together with the account: one without the other does not exist."""
        super().save_user(request, user, form, commit=False)
        user.person = Person.objects.create(name=form.cleaned_data["name"])
        user.language = language_of_request()
        user.save()
        return user

    def logout(self, request: HttpRequest) -> None:
        """Sign out; the address and the browser that the list of sessions held go at once."""
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        super().logout(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return "/desk/" if isinstance(request.user, User) and request.user.is_staff_member else "/portal/"

    def pre_login(self, request: HttpRequest, user: User, **login: Any) -> HttpResponse | None:
        """Let no demo account into a public body: its password is printed in the manual, and no code follows it."""
        if settings.IS_HTTPS and user.is_demo:
            clear_login(request)
            note("demo account refused", user=user, result="refused")
            refusal: HttpResponse = self.respond_user_inactive(request, user)
            return refusal
        answer: HttpResponse | None = super().pre_login(request, user, **login)
        return answer

    def post_login(self, request: HttpRequest, user: User, **login: Any) -> HttpResponse:
        """Write to the account from now on in the language that its owner chose, and note what stands in its menu."""
        if settings.LANGUAGE_COOKIE_NAME in request.COOKIES and user.language != language_of_request():
            user.language = language_of_request()
            user.save(update_fields=["language"])
        response: HttpResponse = super().post_login(request, user, **login)
        if user.is_staff_member:
            remember_pins(request, user)
        return response

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Ask for the code first where there is one: the first method is the one that is asked for."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return sorted(methods, key=lambda method: method["id"] != "mfa_reauthenticate")

    def is_safe_url(self, url: str | None) -> bool:
        own = urlsplit(settings.CERTBODY_URL)
        return url_has_allowed_host_and_scheme(url, {own.netloc}, require_https=settings.IS_HTTPS)

    def get_client_ip(self, request: HttpRequest) -> str:
        address = client_address(request)
        if address is None:
            raise PermissionDenied
        return address

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave counting wrong passwords to axes, by account and address together.

        allauth would count by account alone, and a stranger could lock its owner out. Its limit stays as a ceiling for
        codes of the second factor: only somebody who knows the password comes that far.
        """

    def send_account_already_exists_mail(self, email: str) -> None:
        """Take as long as a sign-up that makes an account: the clock must not tell who has one (ASVS 6.3.8)."""
        make_password(get_random_string(20))
        super().send_account_already_exists_mail(email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send in the account's language with links to our own address; a failing mail server fails no page."""
        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        body = settings_of(["body_name", "body_name_en"])
        with override(user.language if isinstance(user, User) else language_of_request()):
            own = {name: at_own_address(context[name]) for name in LINKS if name in context}
            name = body["body_name_en"] if get_language() == "en" else body["body_name"]
            facts = context | own | {"email": email, "body_name": name, "address": settings.CERTBODY_URL}
            message = self.render_mail(template_prefix, email, facts)
        try:
            message.send()
        except (SMTPException, OSError):
            log.exception("a mail about an account could not be sent", extra={"template": template_prefix})


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Secrets of the second factor are encrypted at rest; staff cannot go without one."""

    def encrypt(self, text: str) -> str:
        return vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return vault().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return authenticator.user.is_demo or not authenticator.user.is_staff_member
