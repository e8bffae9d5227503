"""What the administrator may do at /admin/, and what not (items 5 and 14)."""

import re
from io import StringIO
from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.urls import reverse

from certbody import clock
from certbody.accounts import services
from certbody.accounts.admin_site import admin_site
from certbody.accounts.models import Person, RoleAssignment, User
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import setting
from certbody.outbox.sweeper import sweep
from certbody.trail.models import Event
from certbody.trail.verify import chain
from tests.accounts.doors import PASSWORD, known_person, make_account, sign_in
from tests.road.people import make_person, make_user

pytestmark = pytest.mark.django_db
CHINESE = {"accept-language": "zh-hans"}


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_user(Role.ADMINISTRATOR, email="admin@example.org")
    client.force_login(user)
    return user


def names() -> list[str]:
    return list(Event.objects.order_by("sequence").values_list("name", flat=True))


def test_item_14_the_admin_knows_persons_accounts_and_roles_and_no_table_of_evidence() -> None:
    assert set(admin_site._registry) == {Person, User, RoleAssignment}


EVIDENCE = (
    "applications", "audits", "body", "cases", "certificates", "files", "outbox", "trail", "sessions", "mfa",
)  # fmt: skip


def test_item_14_the_administrator_has_no_permission_on_evidence_and_no_page_to_write_it(
    client: Client, administrator: User
) -> None:
    for model in apps.get_models():
        label, name = model._meta.app_label, model._meta.model_name
        if model in admin_site._registry:
            continue
        assert client.post(f"/admin/{label}/{name}/add/").status_code == 404, model
        for verb in ("add", "change", "delete", "view"):
            assert not administrator.has_perm(f"{label}.{verb}_{name}") or label == "accounts", model
    assert {label for label in EVIDENCE if administrator.has_module_perms(label)} == set()
    assert administrator.has_module_perms("accounts")


def test_item_14_a_forged_field_makes_nobody_an_administrator(client: Client) -> None:
    forged = {
        "is_staff": "1",
        "is_superuser": "1",
        "is_demo": "1",
        "roles": "administrator",
        "role": "administrator",
    }
    form = {"name": "陈静", "email": "chen@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", form | forged)
    user = User.objects.get(email="chen@example.org")
    EmailAddress.objects.filter(user=user).update(verified=True)
    sign_in(client, user.email)
    client.post("/accounts/password/change/", {"oldpassword": "wrong"} | forged)
    client.post("/accounts/email/", {"action_add": "", "email": "new@example.org"} | forged)
    user = User.objects.get(pk=user.pk)
    assert (user.is_staff, user.is_staff_member, user.is_demo, user.roles) == (
        False,
        False,
        False,
        frozenset(),
    )
    for address in ("/admin/", "/desk/", "/desk/settings/"):
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize(
    "address",
    ["/__debug__/", "/flower/", "/celery/", "/metrics", "/phpmyadmin/", "/.git/config", "/.env", "/media/"],
)
def test_item_14_nothing_of_the_machinery_has_an_address(
    client: Client, administrator: User, address: str
) -> None:
    assert client.get(address).status_code == 404


def test_item_14_health_says_ok_or_fail_and_nothing_else(client: Client) -> None:
    for address in ("/healthz", "/readyz"):
        assert set(client.get(address).json()) == {"status"}, address


def test_item_14_the_address_of_the_administrator_can_be_limited(client: Client, administrator: User) -> None:
    with override_settings(CERTBODY_ADMIN_NETWORKS=[ip_network("10.1.0.0/16"), ip_network("2001:db8::/32")]):
        for origin, answer in (
            ("10.1.2.3", 200),
            ("2001:db8::7", 200),
            ("10.2.0.1", 404),
            ("192.0.2.1", 404),
        ):
            assert client.get("/admin/", REMOTE_ADDR=origin).status_code == answer, origin
        forged = {"x-forwarded-for": "10.1.2.3"}
        for address in ("/admin/", "/admin/accounts/user/", "/admin/login/"):
            assert client.get(address, REMOTE_ADDR="192.0.2.1", headers=forged).status_code == 404, address
        assert client.get("/desk/", REMOTE_ADDR="192.0.2.1").status_code == 200
    assert client.get("/admin/", REMOTE_ADDR="192.0.2.1").status_code == 200


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (held, wanted)
        for held in (Role.ADMINISTRATOR, Role.QUALITY, Role.INSPECTOR)
        for wanted in (Role.ADMINISTRATOR, Role.QUALITY, Role.INSPECTOR)
        if held != wanted
    ],
)
def test_item_14_administrator_quality_manager_and_inspector_are_three_people(
    client: Client, administrator: User, held: Role, wanted: Role
) -> None:
    person = known_person()
    today = str(clock.today())
    services.add_role(person=person, role=held, actor=administrator)
    form = {"person": person.pk, "role": wanted, "since": today}
    answer = client.post("/admin/accounts/roleassignment/add/", form)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert person.role_assignments.get().role == held


def test_every_page_of_the_admin_renders(client: Client, administrator: User) -> None:
    pages = ["/admin/"]
    for model in admin_site._registry:
        pages += [
            reverse(f"admin:accounts_{model._meta.model_name}_{page}") for page in ("changelist", "add")
        ]
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_the_admin_speaks_the_reader_s_language_carries_the_body_s_name_and_leads_back(
    client: Client, administrator: User
) -> None:
    """Latin words in what a page says besides its names of people and addresses are words nobody translated."""
    for model in admin_site._registry:
        page = reverse(f"admin:accounts_{model._meta.model_name}_add")
        for answer in (client.get(page, headers=CHINESE), client.post(page, {}, headers=CHINESE)):
            title, _head, body = answer.text.partition("</title>")
            main = re.sub(
                r"(?s)<script.*?</script>|<option.*?</option>", "", body.partition('id="content"')[2]
            )
            said = [title.rpartition("<title>")[2], *re.findall(r">([^<>]*[A-Za-z]{3,}[^<>]*)<", main)]
            assert [text for text in said if re.search(r"[A-Za-z]{3,}", text)] == [], page
            assert 'href="/desk/"' in answer.text
            assert str(setting("body_name")) in title


@pytest.mark.parametrize(("page", "product"), [("logout", "logout"), ("password_change", "password/change")])
def test_signing_out_and_passwords_are_the_product_s_own_pages(
    client: Client, administrator: User, page: str, product: str
) -> None:
    assert client.post(f"/admin/{page}/")["Location"] == f"/accounts/{product}/"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_item_14_no_other_role_enters_the_admin(client: Client, role: Role) -> None:
    client.force_login(make_user(role))
    assert client.get("/admin/").status_code == 403
    assert client.get("/admin/accounts/user/add/").status_code == 403
    assert client.get("/admin/login/").status_code == 403


def test_item_14_a_client_finds_no_admin_and_a_stranger_the_sign_in(client: Client) -> None:
    assert client.get("/admin/accounts/user/")["Location"] == "/accounts/login/?next=/admin/accounts/user/"
    client.force_login(make_user())
    assert client.get("/admin/").status_code == 404
    assert client.post("/admin/accounts/user/add/", {"is_staff": "1"}).status_code == 404


def test_a_new_account_gets_a_link_and_no_password(client: Client, administrator: User) -> None:
    person = make_person("王芳")
    fields = {"person": person.pk, "email": "Wang@Example.org", "language": "zh-hans", "is_active": "on"}
    assert (
        client.post("/admin/accounts/user/add/", fields | {"password": PASSWORD, "is_demo": "on"}).status_code
        == 302
    )
    user = User.objects.get(email="wang@example.org")
    assert not user.has_usable_password()
    assert not user.is_demo
    assert EmailAddress.objects.get(user=user).verified
    assert names() == ["account.opened"]
    sweep()
    (message,) = mail.outbox
    path = urlsplit(re.search(r"http\S+", message.body).group()).path
    owner = Client()
    owner.post(owner.get(path)["Location"], {"password1": PASSWORD, "password2": PASSWORD})
    assert sign_in(Client(), "wang@example.org")["Location"] == "/portal/"


def test_an_account_needs_an_address_of_its_own(client: Client, administrator: User) -> None:
    make_account(email="taken@example.org")
    fields = {"person": make_person().pk, "email": "TAKEN@example.org", "language": "en", "is_active": "on"}
    assert client.post("/admin/accounts/user/add/", fields).status_code == 200
    assert User.objects.filter(email__iexact="taken@example.org").count() == 1


def test_the_administrator_sends_a_reset_link_and_never_sees_it(client: Client, administrator: User) -> None:
    user = make_account(email="client@example.org")
    form = {"action": "send_set_up_link", "_selected_action": [user.pk]}
    answer = client.post("/admin/accounts/user/", form, follow=True)
    sweep()
    (message,) = mail.outbox
    link = re.search(r"http\S+", message.body).group()
    assert link not in answer.content.decode()
    assert names() == ["account.link_sent"]
    assert user.check_password(PASSWORD)


def test_disabling_an_account_is_recorded(client: Client, administrator: User) -> None:
    user = make_account(email="client@example.org")
    client.post(f"/admin/accounts/user/{user.pk}/change/", {"language": "en"})
    user.refresh_from_db()
    assert not user.is_active
    assert names() == ["account.disabled"]


def test_the_person_and_the_address_of_an_account_never_change(client: Client, administrator: User) -> None:
    user = make_account(email="client@example.org")
    other = make_person()
    form = {"language": "zh-hant", "is_active": "on", "person": other.pk, "email": "other@example.org"}
    client.post(f"/admin/accounts/user/{user.pk}/change/", form)
    user.refresh_from_db()
    assert (user.language, user.email) == ("zh-hant", "client@example.org")
    assert user.person != other


def test_giving_and_ending_a_role_is_recorded(client: Client, administrator: User) -> None:
    person, today = known_person(), clock.today()
    client.post(
        "/admin/accounts/roleassignment/add/", {"person": person.pk, "role": "head", "since": str(today)}
    )
    assignment = RoleAssignment.objects.get(person=person)
    client.post(
        f"/admin/accounts/roleassignment/{assignment.pk}/change/", {"until": str(today), "role": "chair"}
    )
    assignment.refresh_from_db()
    assert (assignment.role, assignment.until) == ("head", today)
    added, ended = Event.objects.order_by("sequence")
    assert (added.name, added.object_id, added.data["role"], added.actor_user) == (
        "person.role_added", str(person.pk), "head", administrator,
    )  # fmt: skip
    assert (ended.name, ended.data["until"]) == ("person.role_ended", today.isoformat())
    assert list(chain()) == []


def test_a_role_that_is_held_is_not_given_twice(client: Client, administrator: User) -> None:
    person = known_person()
    form = {"person": person.pk, "role": "head", "since": str(clock.today())}
    client.post("/admin/accounts/roleassignment/add/", form)
    assert client.post("/admin/accounts/roleassignment/add/", form).status_code == 200
    assert RoleAssignment.objects.filter(person=person).count() == 1


@pytest.mark.parametrize("model", ["person", "user", "roleassignment"])
def test_nothing_is_deleted(client: Client, administrator: User, model: str) -> None:
    make_account(Role.HEAD, email="staff@example.org")
    services.add_role(person=make_person(), role=Role.CHAIR, actor=administrator)
    row = next(known for known in admin_site._registry if known._meta.model_name == model).objects.last()
    assert client.post(f"/admin/accounts/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_identity_number_is_sealed_never_shown_and_recognises_one_human_being(
    client: Client, administrator: User
) -> None:
    number = "11010519491231002X"
    client.post("/admin/accounts/person/add/", {"name": "李雷", "identity_number": number})
    person = Person.objects.get(name="李雷")
    assert number not in person.identity_sealed
    assert number not in client.get(f"/admin/accounts/person/{person.pk}/change/").content.decode()
    again = client.post("/admin/accounts/person/add/", {"name": "李磊", "identity_number": number.lower()})
    assert again.status_code == 200
    assert not Person.objects.filter(name="李磊").exists()
    assert number not in str(list(Event.objects.values_list("data", flat=True)))


def test_a_mistyped_identity_number_is_said_beside_the_field(client: Client, administrator: User) -> None:
    answer = client.post(
        "/admin/accounts/person/add/", {"name": "李雷", "identity_number": "110105194912310021"}
    )
    assert "The last character does not fit" in answer.text
    assert not Person.objects.filter(name="李雷").exists()


def first_administrator(email: str = "first@example.org") -> str:
    printed = StringIO()
    call_command("first_administrator", email, stdout=printed)
    return printed.getvalue().strip()


def test_item_5_an_empty_body_has_no_account_and_the_first_administrator_sets_the_password() -> None:
    assert not User.objects.exists()
    link = first_administrator()
    owner = Client()
    path = urlsplit(link).path
    assert sign_in(owner, "first@example.org", "").status_code == 200
    owner.post(owner.get(path)["Location"], {"password1": PASSWORD, "password2": PASSWORD})
    assert sign_in(owner, "first@example.org")["Location"] == "/desk/"
    assert owner.get("/admin/")["Location"].startswith("/accounts/2fa/totp/activate/")
    assert names() == ["account.opened", "person.role_added"]


def test_the_link_of_the_first_administrator_works_once() -> None:
    path = urlsplit(first_administrator()).path
    owner, second = Client(), Client()
    owner.post(owner.get(path)["Location"], {"password1": PASSWORD, "password2": PASSWORD})
    new = "another-long-password"
    answer = second.get(path, follow=True)
    second.post(answer.request["PATH_INFO"], {"password1": new, "password2": new})
    assert User.objects.get().check_password(PASSWORD)


def test_a_link_that_ran_out_is_replaced_until_somebody_has_set_a_password() -> None:
    first_administrator()
    path = urlsplit(first_administrator()).path
    assert User.objects.count() == 1
    owner = Client()
    owner.post(owner.get(path)["Location"], {"password1": PASSWORD, "password2": PASSWORD})
    with pytest.raises(CommandError, match="has an administrator"):
        first_administrator("second@example.org")
    assert User.objects.count() == 1


def test_an_unused_administrator_gives_way_to_another_address_and_its_link_opens_nothing() -> None:
    unused = urlsplit(first_administrator("mistyped@example.org")).path
    used = urlsplit(first_administrator("right@example.org")).path
    for path in (unused, used):
        owner = Client()
        answer = owner.get(path, follow=True)
        owner.post(answer.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    assert sign_in(Client(), "mistyped@example.org")["Location"] == "/accounts/inactive/"
    assert sign_in(Client(), "right@example.org")["Location"] == "/desk/"
    assert RoleAssignment.objects.get(until=None).person.users.get().email == "right@example.org"
    assert names() == [
        "account.opened", "person.role_added", "person.role_ended", "account.disabled", "account.opened",
        "person.role_added",
    ]  # fmt: skip


def test_the_first_address_asked_for_again_is_the_only_administrator() -> None:
    for email in ("a@example.org", "b@example.org", "a@example.org"):
        first_administrator(email)
    assert [user.email for user in User.objects.filter(is_active=True)] == ["a@example.org"]
    assert RoleAssignment.objects.get(until=None).person.users.get().email == "a@example.org"


def test_who_holds_another_office_does_not_become_the_first_administrator() -> None:
    make_account(Role.HEAD, email="head@example.org")
    with pytest.raises(CommandError, match="holds another office"):
        first_administrator("head@example.org")
    assert not RoleAssignment.objects.filter(role=Role.ADMINISTRATOR).exists()


def test_the_first_administrator_needs_an_address() -> None:
    with pytest.raises(CommandError, match="not an e-mail address"):
        first_administrator("nobody")


def test_a_role_ends_with_its_last_day() -> None:
    user = make_user()
    assignment = services.add_role(person=user.person, role=Role.HEAD, actor=None)
    services.end_role(assignment, actor=None)
    assert User.objects.get(pk=user.pk).has_role(Role.HEAD)
    with clock.at(clock.today().replace(year=clock.today().year + 1)):
        assert not User.objects.get(pk=user.pk).has_role(Role.HEAD)
