"""A key that is changed as planned, accounts that nobody uses, secrets that lie in no file (item 63)."""

import re
import subprocess
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.test import Client, override_settings

from certbody import clock
from certbody.accounts import services, stale, tasks
from certbody.accounts.adapter import MFAAdapter
from certbody.accounts.models import RoleAssignment, User
from certbody.accounts.roles import Role
from certbody.trail.models import Event
from tests.accounts.doors import PASSWORD, SECRET, Clockwork, SecurityLog, make_account, sign_in, with_totp
from tests.ground.sources import ROOT

STAFF = "staff@example.org"
CODE_PAGE = "/accounts/2fa/authenticate/"
OLD, NEW = "the-old-key-" + "o" * 40, "the-new-key-" + "n" * 40


@pytest.mark.django_db
def test_item_63_sessions_links_and_second_factors_survive_a_planned_change_of_the_key(
    client: Client, periods: Clockwork
) -> None:
    with override_settings(SECRET_KEY=OLD, SECRET_KEY_FALLBACKS=[]):
        user = make_account(Role.HEAD, email=STAFF)
        with_totp(user)
        code = RecoveryCodes.activate(user).get_unused_codes()[0]
        sign_in(client, STAFF)
        client.post(CODE_PAGE, {"code": periods.code()})
        assert client.get("/desk/").status_code == 200
        Client().post("/accounts/password/reset/", {"email": STAFF})
        link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
        path = link.removeprefix(settings.CERTBODY_URL)
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        assert client.get("/desk/").status_code == 200
        assert Client().get(path).status_code == 302
        printed = StringIO()
        call_command("reseal_second_factors", stdout=printed)
        assert printed.getvalue() == "2 second factors resealed\n"
        assert client.get("/desk/").status_code == 200, "the session is carried over to the new key"
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        assert client.get("/desk/").status_code == 200
        later = Client()
        sign_in(later, STAFF)
        assert later.post(CODE_PAGE, {"code": code})["Location"] == "/desk/"


@pytest.mark.django_db
def test_item_63_a_key_without_fallback_ends_every_session_and_opens_no_second_factor(
    client: Client, periods: Clockwork
) -> None:
    with override_settings(SECRET_KEY=OLD, SECRET_KEY_FALLBACKS=[]):
        with_totp(make_account(Role.HEAD, email=STAFF))
        sign_in(client, STAFF)
        client.post(CODE_PAGE, {"code": periods.code()})
    sealed = Authenticator.objects.get().data["secret"]
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        assert client.get("/desk/")["Location"].startswith("/accounts/login/")
        with pytest.raises(InvalidToken):
            MFAAdapter().decrypt(sealed)
        with pytest.raises(InvalidToken):
            call_command("reseal_second_factors")
    assert Authenticator.objects.get().data["secret"] == sealed


def ago(days: int) -> dict[str, object]:
    return {
        "date_joined": clock.now() - timedelta(days=days),
        "last_login": clock.now() - timedelta(days=days),
    }


def account(email: str, *roles: str, **facts: object) -> User:
    user = make_account(*roles, email=email, is_demo=bool(facts.pop("is_demo", False)))
    User.objects.filter(pk=user.pk).update(**facts)
    user.refresh_from_db()
    return user


@pytest.fixture
def accounts(db: None) -> dict[str, User]:
    former = account("former@example.org", Role.PLANNER, **ago(91))
    RoleAssignment.objects.filter(person=former.person).update(
        since=clock.today() - timedelta(days=400), until=clock.today() - timedelta(days=200)
    )
    return {
        "former": former,
        "stale": account("stale@example.org", Role.HEAD, **ago(91)),
        "never": account("never@example.org", Role.FINANCE, **ago(91) | {"last_login": None}),
        "recent": account("recent@example.org", Role.HEAD, **ago(89)),
        "young": account("young@example.org", Role.FINANCE, **ago(5) | {"last_login": None}),
        "client": account("client@example.org", **ago(900)),
        "demo": account("demo@example.org", Role.HEAD, is_demo=True, **ago(900)),
    }


def test_item_63_accounts_of_the_body_are_disabled_after_ninety_days_without_a_sign_in_and_listed(
    accounts: dict[str, User], client: Client
) -> None:
    last = accounts["stale"].last_login
    assert last is not None
    client.force_login(accounts["stale"])
    User.objects.filter(pk=accounts["stale"].pk).update(last_login=last)
    day = last.astimezone(clock.BODY_ZONE).date().isoformat()
    listed, disabled = StringIO(), StringIO()
    call_command("stale_accounts", "--dry-run", stdout=listed)
    assert User.objects.filter(is_active=False).count() == 0
    call_command("stale_accounts", stdout=disabled)
    assert listed.getvalue() == disabled.getvalue()
    assert [line.split("\t")[::2] for line in disabled.getvalue().splitlines()] == [
        ["former@example.org", day],
        ["never@example.org", "never"],
        ["stale@example.org", day],
    ]
    assert {name for name, user in accounts.items() if not User.objects.get(pk=user.pk).is_active} == {
        "former", "stale", "never",
    }  # fmt: skip
    assert client.get("/desk/")["Location"].startswith("/accounts/login/")
    events = Event.objects.filter(name="account.disabled")
    assert {(event.object_id, event.data["reason"]) for event in events} == {
        (str(accounts[name].pk), "stale") for name in ("former", "stale", "never")
    }
    assert stale.disable_stale_accounts() == []


def test_item_63_an_account_that_was_enabled_again_has_ninety_days_anew(
    accounts: dict[str, User], client: Client
) -> None:
    tasks.disable_stale()
    administrator = make_account(Role.ADMINISTRATOR, email="admin@example.org", is_demo=True)
    client.force_login(administrator)
    form = {"language": "en", "is_active": "on"}
    client.post(f"/admin/accounts/user/{accounts['stale'].pk}/change/", form)
    assert User.objects.get(pk=accounts["stale"].pk).is_active
    assert stale.stale_accounts() == []
    with clock.at(clock.now() + timedelta(days=91)):
        assert accounts["stale"] in stale.stale_accounts()


def test_item_63_a_body_whose_only_administrator_went_stale_is_opened_again_by_the_command(db: None) -> None:
    account("admin@example.org", Role.ADMINISTRATOR, **ago(91))
    assert [user.email for user in stale.disable_stale_accounts()] == ["admin@example.org"]
    assert services.first_administrator(email="admin@example.org").startswith(settings.CERTBODY_URL)
    assert User.objects.get().is_active
    assert not User.objects.get().has_usable_password()


def test_item_63_the_scheduler_looks_for_stale_accounts_every_day() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["stale accounts"]
    assert entry == {"task": tasks.disable_stale.name, "schedule": 86400.0}


# each begins with a literal, which makes the search quick
PATTERNS = {
    "private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "AWS": r"AKIA[0-9A-Z]{16}\b",
    "GitHub": r"gh[pors]_[A-Za-z0-9]{36}\b",
    "GitHub, fine-grained": r"github_pat_\w{60,}",
    "GitLab": r"glpat-[\w-]{20}\b",
    "Slack": r"xox[abprs]-[A-Za-z0-9-]{10,}",
    "Aliyun": r"LTAI[A-Za-z0-9]{12,20}\b",
    "Tencent": r"AKID[A-Za-z0-9]{32}\b",
    "Google": r"AIza[\w-]{35}\b",
    "Stripe": r"_live_[A-Za-z0-9]{24,}",
    "token": r"eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}",
    "address with a password": r"://[^\s:/@]+:(?!password\b|\$\{)[^\s:/@{}]{6,}@",
    "assignment": r"_(?:KEY|PASSWORD|TOKEN|key|password|token)\s*[:=]\s*[\"'][A-Za-z0-9+/=_-]{24,}[\"']",
}
LARGEST_SCANNED = 500_000


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name]


def test_item_63_no_file_of_the_repository_holds_a_secret() -> None:
    found = []
    for path in tracked():
        if not path.is_file() or path.stat().st_size > LARGEST_SCANNED or path == Path(__file__):
            continue
        content = path.read_bytes()
        if b"\0" in content[:1024]:
            continue
        text = content.decode(errors="replace")
        found += [
            f"{path.relative_to(ROOT)}: {kind}"
            for kind, pattern in PATTERNS.items()
            if re.search(pattern, text)
        ]
    assert found == []
    kept = {".env", "id_rsa", "secret", "identity", "checkpoint"}
    assert [path for path in tracked() if path.name in kept or path.suffix in {".pem", ".key", ".p12"}] == []


def test_item_63_the_search_for_secrets_finds_one_of_each_kind() -> None:
    samples = {
        "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
        "AWS": "AKIA" + "A1" * 8,
        "GitHub": "ghp_" + "a1B2" * 9,
        "GitHub, fine-grained": "github_pat_" + "a1B2" * 16,
        "GitLab": "glpat-" + "a1B2c" * 4,
        "Slack": "xoxb-" + "1234567890ab",
        "Aliyun": "LTAI" + "5tA1b2C3d4E5",
        "Tencent": "AKID" + "a1B2" * 8,
        "Google": "AIza" + "a1B2c" * 7,
        "Stripe": "sk_live_" + "a1B2" * 6,
        "token": ".".join(["eyJ" + "a" * 20, "eyJ" + "b" * 20, "c" * 20]),
        "address with a password": "postgres://certbody:" + "hunter2hunter2@db/certbody",
        "assignment": "SECRET_KEY = '" + "a1B2" * 10 + "'",
    }
    assert set(samples) == set(PATTERNS)
    assert {kind for kind, sample in samples.items() if not re.search(PATTERNS[kind], sample)} == set()


@pytest.mark.django_db
def test_item_63_no_log_holds_a_password_a_code_or_a_session_key(
    client: Client, periods: Clockwork, security_log: SecurityLog
) -> None:
    application_log = Path(settings.CERTBODY_HOME) / "logs" / "application.log"
    begun = application_log.stat().st_size if application_log.exists() else 0
    with_totp(make_account(Role.HEAD, email=STAFF))
    sign_in(client, STAFF, "a-wrong-password")
    sign_in(client, STAFF)
    client.post(CODE_PAGE, {"code": "135790"})
    client.post(CODE_PAGE, {"code": periods.code()})
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.get("/desk/")
    client.get("/nothing/")
    written = security_log.text + application_log.read_bytes()[begun:].decode()
    assert written
    for secret in (PASSWORD, "a-wrong-password", SECRET, "135790", periods.code(), key, settings.SECRET_KEY):
        assert secret not in written, secret
