"""Which passwords are taken (item 4): long enough, not common, not made of names; no other rule, nothing cut off."""

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, identify_hasher, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.test import Client, override_settings

from certbody import settings as declared
from certbody.accounts.models import User
from tests.accounts.doors import PASSWORD, make_account, sign_in
from tests.road.people import make_organisation

SIGN_UP = {"name": "陈静", "email": "chenjing@huafeng.example", "password1": PASSWORD, "password2": PASSWORD}
LANGUAGES = ("en", "zh-hans", "zh-hant")

TOO_SHORT = ("sevench", "7 chars", "七个字也太短了")
TOO_COMMON = ("password123", "qwertyuiop", "1q2w3e4r5t", "woaini1314", "iloveyou", "12345678", "Password1")
MADE_OF_NAMES = (
    "认证机构2026", "認證機構2026", "示例认证中心123", "示例2026abc", "ExampleCentre1!", "certbody-2026",
    "chenjing2026", "Huafeng!2026", "chenjing@huafeng.example", "19870101zhang", "li19870101", "5201314520",
    "admin@123", "示例password123",
)  # fmt: skip
TAKEN = (
    "长河落日圆 大漠孤烟直",
    "correct horse battery staple",
    "  spaces at both ends  ",
    "🦊🐢🦔🐝🦉🐳🐞🦋 and friends",
    "x" * 31 + " y" * 16 + "z",
    "长" * 126 + "🦊z",
)


def refused(client: Client, password: str, language: str = "en") -> list[str]:
    """What the sign-up says about a password; nothing when it was taken."""
    form = SIGN_UP | {"password1": password, "password2": password}
    answer = client.post("/accounts/signup/", form, headers={"accept-language": language})
    return answer.context["form"].errors["password1"] if answer.status_code == 200 else []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("passwords", "sentences"),
    [
        (TOO_SHORT, ("at least 8", "至少须有 8", "至少須有 8")),
        (TOO_COMMON, ("too common", "常用", "常用")),
        (MADE_OF_NAMES, ("Others would try this first", "首先猜到", "首先猜到")),
    ],
    ids=["short", "common", "names"],
)
def test_item_4_a_short_common_or_speaking_password_is_refused_with_a_sentence_in_each_language(
    client: Client, passwords: tuple[str, ...], sentences: tuple[str, ...]
) -> None:
    with override_settings(ACCOUNT_RATE_LIMITS={"signup": "1000/m/ip"}):
        said = {
            (password, language): " ".join(refused(client, password, language))
            for password in passwords
            for language in (LANGUAGES if password == passwords[0] else ("en",))
        }
    assert [key for key, sentence in said.items() if not sentence] == []
    for language, words in zip(LANGUAGES, sentences, strict=True):
        assert words in said[passwords[0], language]
        assert "你" not in said[passwords[0], language]
    assert not User.objects.exists()


@pytest.mark.django_db
def test_item_4_names_of_the_company_and_of_the_person_are_refused_where_they_are_known(
    client: Client,
) -> None:
    user = make_account(email="client@example.org")
    make_organisation(user, name="深圳市远航家电有限公司", name_en="Shenzhen Yuanhang Appliances Co., Ltd.")
    sign_in(client, user.email)

    def change(password: str) -> int:
        form = {"oldpassword": PASSWORD, "password1": password, "password2": password}
        return client.post("/accounts/password/change/", form).status_code

    user.person.name_en = "Chrysanthemum Oyelaran"
    user.person.save()
    with override_settings(ACCOUNT_RATE_LIMITS={"change_password": "1000/m/user"}):
        for password in ("远航家电2026", "遠航家電2026", "Yuanhang-26", "Oyelaran1", "远航@chrysanthemum"):
            assert change(password) == 200, password
        assert change("一行白鹭上青天1") == 302


@pytest.mark.django_db
def test_item_4_long_ones_with_any_characters_are_taken_whole() -> None:
    assert sorted(map(len, TAKEN))[-2:] == [64, 128]
    for number, password in enumerate(TAKEN):
        email = f"{number}@example.org"
        form = SIGN_UP | {"email": email, "password1": password, "password2": password}
        assert Client().post("/accounts/signup/", form).status_code == 302, password
        user = User.objects.get(email=email)
        assert user.check_password(password)
        assert not user.check_password(password[:-1])
        assert not user.check_password(password.strip()) or password == password.strip()


@pytest.mark.django_db
def test_item_4_a_weak_password_that_is_mistyped_as_well_is_told_both_and_keeps_the_rest(
    client: Client,
) -> None:
    answer = client.post("/accounts/signup/", SIGN_UP | {"password1": "12345678", "password2": "12345679"})
    errors, page = answer.context["form"].errors, answer.content.decode()
    assert any("too common" in sentence for sentence in errors["password1"])
    assert errors["password2"] == ["You must type the same password each time."]
    assert f'value="{SIGN_UP["name"]}"' in page
    assert f'value="{SIGN_UP["email"]}"' in page
    assert not User.objects.exists()


@pytest.mark.django_db
def test_item_4_a_change_of_password_tells_of_both_faults_too(client: Client) -> None:
    user = make_account()
    sign_in(client, user.email)
    form = {"oldpassword": PASSWORD, "password1": "12345678", "password2": "12345679"}
    errors = client.post("/accounts/password/change/", form).context["form"].errors
    assert set(errors) == {"password1", "password2"}
    assert errors["password2"] == ["You must type the same password each time."]


@pytest.mark.django_db
def test_item_4_a_password_can_be_pasted_and_found_by_a_password_manager(client: Client) -> None:
    page = client.get("/accounts/signup/").content.decode()
    assert page.count('autocomplete="new-password"') == 2
    assert "onpaste" not in page
    assert "maxlength" not in page.partition('name="password1"')[2].partition(">")[0]


def test_item_4_the_bundled_list_holds_what_is_tried_first() -> None:
    common = CommonPasswordValidator().passwords
    assert len(common) > 19_000
    assert {
        "123456789", "qwertyuiop", "1qaz2wsx", "q1w2e3r4t5", "a123456789", "zxcvbnm123", "147258369", "p@ssw0rd",
        "88888888", "abcd1234", "admin123", "woaini123",
    } <= common  # fmt: skip
    assert "django.contrib.auth.password_validation.CommonPasswordValidator" in str(
        settings.AUTH_PASSWORD_VALIDATORS
    )


def test_item_4_passwords_are_stored_as_pbkdf2_at_the_cost_that_django_asks_for_today() -> None:
    with override_settings(PASSWORD_HASHERS=declared.PASSWORD_HASHERS):
        stored = make_password("correct horse battery staple")
        algorithm, cost, _salt, _hash = stored.split("$")
        assert (algorithm, int(cost)) == ("pbkdf2_sha256", PBKDF2PasswordHasher.iterations)
        assert int(cost) >= 1_000_000
        assert check_password("correct horse battery staple", stored)
        assert not identify_hasher(stored).must_update(stored)
