"""Every page and mail of the accounts renders in each language, in the house's frame."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import reverse

from certbody.accounts.adapter import AccountAdapter
from tests.accounts.doors import PASSWORD, make_account, sign_in, with_totp

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "zh-hans", "zh-hant")
ENTRANCE = (
    "account_login",
    "account_signup",
    "account_email_verification_sent",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_inactive",
)
OWN = (
    "account_email",
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_deactivate_totp",
    "usersessions_list",
)
NOTICES = (
    "account/email/email_changed",
    "account/email/email_confirm",
    "account/email/email_deleted",
    "account/email/password_changed",
    "account/email/password_reset",
    "account/email/password_set",
    "mfa/email/recovery_codes_generated",
    "mfa/email/totp_activated",
    "mfa/email/totp_deactivated",
)


def is_house_page(content: bytes) -> bool:
    return b'id="content"' in content and b"style=" not in content and b"<script>" not in content


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_before_the_sign_in_and_of_ones_own_account_render_in_the_house_s_frame(
    client: Client, language: str
) -> None:
    def faulty(*pages: str) -> list[str]:
        answers = {page: client.get(reverse(page), headers={"accept-language": language}) for page in pages}
        return [
            page
            for page, answer in answers.items()
            if answer.status_code != 200
            or not is_house_page(answer.content)
            or "你" in answer.content.decode()
        ]

    assert faulty(*ENTRANCE) == []
    user = make_account(email="client@example.org")
    sign_in(client, "client@example.org")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert faulty("mfa_activate_totp") == []
    with_totp(user)
    RecoveryCodes.activate(user)
    assert faulty(*OWN) == []


def test_the_page_of_the_addresses_offers_only_what_can_be_done(client: Client) -> None:
    user = make_account(email="client@example.org")
    sign_in(client, "client@example.org")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = reverse("account_email")

    def offered() -> list[str]:
        return re.findall(r'name="(action_\w+)"', client.get(page).text)

    assert offered() == ["action_add"], "nobody is offered to remove the only address"
    client.post(page, {"action_add": "", "email": "new@example.org"})
    assert offered() == ["action_send", "action_remove"]
    EmailAddress.objects.filter(user=user).update(verified=True)
    assert offered() == ["action_primary", "action_remove"]
    client.post(page, {"action_primary": "", "email": "new@example.org"})
    assert EmailAddress.objects.get(user=user, primary=True).email == "new@example.org"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_about_an_account_is_plain_text_in_the_language_of_the_account(
    rf: RequestFactory, language: str
) -> None:
    user = make_account(email="client@example.org")
    user.language = language
    user.save()
    request = rf.get("/", headers={"user-agent": "<b>Browser</b>"})
    request.user = user
    facts = {
        "from_email": "old@example.org",
        "to_email": "new@example.org",
        "deleted_email": "old@example.org",
    }
    with request_context(request):
        for notice in NOTICES:
            AccountAdapter(request).send_notification_mail(notice, user, facts)
    assert len(mail.outbox) == len(NOTICES)
    for message in mail.outbox:
        assert "\n" not in message.subject
        assert "<b>Browser</b>" in message.body
        assert "127.0.0.1" in message.body
        assert "你" not in message.subject + message.body
        assert not getattr(message, "alternatives", [])
