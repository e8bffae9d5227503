"""Saved filters: kept by one person, shared with a role, and narrowing only what each reader may see anyway."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.web.lists import saved
from certbody.web.models import SavedFilter
from tests.accounts.doors import make_account, sign_in
from tests.road.many import many_applications
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
NEW = "/desk/filters/new/applications/?state=submitted&sort=reference"
WHOLE = {"name": "等待审查", "shared_with": "", "is_pinned": "", "is_default": ""}


@pytest.fixture
def reviewer() -> User:
    return make_user(Role.REVIEWER)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    browser.get("/desk/filters/")  # as signing in does, it notes what stands in the menu
    return browser


def kept(user: User, **values: object) -> SavedFilter:
    fields = {"name": "等待审查", "list_key": "applications", "query": "state=submitted", **values}
    return SavedFilter.objects.create(user=user, **fields)


def test_what_the_address_says_of_a_list_is_kept_under_a_name(reviewer: User) -> None:
    browser = signed_in(reviewer)
    assert "Keep this filter" in browser.get("/desk/applications/?state=submitted").text
    assert browser.get(NEW).status_code == 200
    answer = browser.post(NEW, WHOLE)
    assert answer["Location"] == "/desk/applications/?state=submitted&sort=reference"
    row = SavedFilter.objects.get()
    assert (row.user, row.list_key, row.query) == (reviewer, "applications", "state=submitted&sort=reference")
    page = browser.get("/desk/applications/").text
    assert 'href="?state=submitted&amp;sort=reference"' in page


def test_nothing_but_what_the_list_offers_is_kept(reviewer: User) -> None:
    browser = signed_in(reviewer)
    address = (
        "/desk/filters/new/applications/?state=submitted&pk__gt=5&sort=password&page=x&q=&export=csv&kind=%27"
    )
    browser.post(address, WHOLE)
    assert SavedFilter.objects.get().query == "state=submitted"


def test_the_list_as_it_comes_is_nothing_to_keep(reviewer: User) -> None:
    answer = signed_in(reviewer).post("/desk/filters/new/applications/", WHOLE)
    assert answer.status_code == 409
    assert "Narrow or sort the list first" in answer.text
    assert "等待审查" in answer.text, "what was typed is still there"


def test_a_name_serves_once_and_is_needed(reviewer: User) -> None:
    kept(reviewer)
    browser = signed_in(reviewer)
    assert browser.post(NEW, WHOLE | {"name": " "}).status_code == 422
    answer = browser.post(NEW, WHOLE)
    assert answer.status_code == 409
    assert "You keep a filter of this name already." in answer.text
    with pytest.raises(IntegrityError), transaction.atomic():
        kept(reviewer)


def test_a_form_that_arrives_twice_keeps_one_filter(reviewer: User) -> None:
    browser = signed_in(reviewer)
    given = WHOLE | {"submission": "7b1a1f0e-9a3c-4c55-8a43-0d6f3a9d6c11"}
    answers = [browser.post(NEW, given) for _arrival in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert SavedFilter.objects.count() == 1


def test_the_default_is_how_the_list_opens_and_there_is_one(reviewer: User) -> None:
    first = kept(reviewer, is_default=True)
    browser = signed_in(reviewer)
    assert browser.get("/desk/applications/")["Location"] == "/desk/applications/?state=submitted"
    assert browser.get("/desk/applications/?all=1").status_code == 200
    browser.post("/desk/filters/new/applications/?state=draft", WHOLE | {"name": "草稿", "is_default": "on"})
    first.refresh_from_db()
    assert not first.is_default
    assert browser.get("/desk/applications/")["Location"] == "/desk/applications/?state=draft"
    with pytest.raises(IntegrityError), transaction.atomic():
        kept(reviewer, name="又一个", is_default=True)


def test_nobody_s_list_opens_by_the_default_of_a_colleague(reviewer: User) -> None:
    kept(make_user(Role.REVIEWER), is_default=True, shared_with=Role.REVIEWER)
    assert signed_in(reviewer).get("/desk/applications/").status_code == 200


def test_a_pinned_filter_stands_in_the_menu_with_its_number_of_rows(reviewer: User) -> None:
    many_applications(8)
    kept(reviewer, is_pinned=True)
    page = signed_in(reviewer).get("/desk/settings/").text
    entry = page.partition("等待审查")[2][:80]
    assert '<span class="cb-count">2</span>' in entry
    assert "等待审查" not in signed_in(make_user(Role.REVIEWER)).get("/desk/settings/").text


def test_the_menu_holds_pinned_filters_from_signing_in_on(client: Client) -> None:
    user = make_account(Role.REVIEWER, is_demo=True)
    kept(user, is_pinned=True)
    assert "等待审查" in sign_in(client, user.email, follow=True).text


def test_a_filter_comes_into_the_menu_and_out_again_at_once(reviewer: User) -> None:
    browser = signed_in(reviewer)
    browser.post(NEW, WHOLE | {"is_pinned": "on"})
    assert "等待审查" in browser.get("/desk/settings/").text
    browser.post(f"/desk/filters/{SavedFilter.objects.get().pk}/", WHOLE)
    assert "等待审查" not in browser.get("/desk/settings/").text


def test_a_menu_counts_no_further_than_99(reviewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "MOST_COUNTED", 1)
    many_applications(8)
    kept(reviewer, is_pinned=True)
    assert '<span class="cb-count">1+</span>' in signed_in(reviewer).get("/desk/settings/").text


def test_a_menu_holds_five_filters_and_a_person_keeps_twenty_of_a_list(reviewer: User) -> None:
    for number in range(5):
        kept(reviewer, name=f"{number}", is_pinned=True)
    browser = signed_in(reviewer)
    assert "5 filters stand in your menu already." in browser.post(NEW, WHOLE | {"is_pinned": "on"}).text
    for number in range(5, 20):
        kept(reviewer, name=f"{number}")
    assert "You keep 20 filters of this list already." in browser.post(NEW, WHOLE).text
    assert SavedFilter.objects.count() == 20


def test_a_shared_filter_is_seen_by_holders_of_the_role_and_by_nobody_else(reviewer: User) -> None:
    kept(make_user(Role.PLANNER), name="给评审员", shared_with=Role.REVIEWER)
    kept(make_user(Role.PLANNER), name="只给我", query="state=draft")
    own = signed_in(reviewer).get("/desk/applications/").text
    assert ("给评审员" in own, "只给我" in own) == (True, False)
    assert "给评审员" in signed_in(reviewer).get("/desk/filters/").text
    other = signed_in(make_user(Role.FINANCE))
    assert "给评审员" not in other.get("/desk/applications/").text + other.get("/desk/filters/").text


def test_a_shared_filter_shows_each_reader_only_rows_of_his_own() -> None:
    (application, *_rest) = many_applications(2)
    auditor = make_user(Role.AUDITOR)
    row = kept(make_user(Role.PLANNER), query="state=draft", shared_with=Role.AUDITOR, is_pinned=True)
    browser = signed_in(auditor)
    page = browser.get(f"/desk/applications/?{row.query}").text
    assert row.name in page
    assert application.case.reference not in page
    assert application.case.reference not in browser.get(f"/desk/applications/?{row.query}&export=csv").text


@pytest.mark.parametrize("page", ["", "delete/"])
def test_a_filter_is_changed_and_deleted_by_whoever_keeps_it(
    reviewer: User, page: str, client: Client
) -> None:
    row = kept(reviewer, shared_with=Role.REVIEWER)
    address = f"/desk/filters/{row.pk}/{page}"
    given = WHOLE | {"name": "换名"}
    for stranger in (make_user(Role.REVIEWER), make_user(Role.HEAD), make_user()):
        browser = signed_in(stranger)
        assert (browser.get(address).status_code, browser.post(address, given).status_code) == (404, 404)
    assert client.post(address, given)["Location"].startswith("/accounts/login/")
    assert SavedFilter.objects.get() == row
    browser = signed_in(reviewer)
    assert browser.put(address).status_code == 405
    assert browser.get(address).status_code == 200
    assert SavedFilter.objects.get().name == "等待审查", "looking at the page changes nothing"
    assert browser.post(address, given)["Location"] == "/desk/filters/"
    assert [left.name for left in SavedFilter.objects.all()] == ([] if page else ["换名"])
    assert browser.post(address, given).status_code == (404 if page else 302)


def test_a_filter_keeps_what_was_ticked(reviewer: User) -> None:
    row = kept(reviewer)
    browser = signed_in(reviewer)
    browser.post(
        f"/desk/filters/{row.pk}/",
        {"name": "甲", "shared_with": "head", "is_pinned": "on", "is_default": "on"},
    )
    row.refresh_from_db()
    assert (row.name, row.shared_with, row.is_pinned, row.is_default) == ("甲", "head", True, True)
    assert row.query == "state=submitted"
    assert browser.post(f"/desk/filters/{row.pk}/", WHOLE | {"shared_with": "everybody"}).status_code == 422


def test_filters_are_for_people_of_the_body_and_for_lists_that_exist(reviewer: User, client: Client) -> None:
    for address in ("/desk/filters/", NEW):
        assert signed_in(make_user()).get(address).status_code == 404
        assert client.get(address)["Location"].startswith("/accounts/login/")
    assert signed_in(reviewer).get("/desk/filters/new/passwords/").status_code == 404
    assert signed_in(reviewer).post("/desk/filters/").status_code == 405
