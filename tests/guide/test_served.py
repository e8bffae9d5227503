"""The guide in the product: public, in the reader's language, without a style or a script in its pages."""

import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from certbody.accounts.roles import Role
from certbody.guide.pages import FOLDERS, PAGES
from tests.ground.test_house_rules import INLINE, OTHER_HOST
from tests.road.people import make_organisation, make_user

PICTURE = re.compile(r"<img[^>]*>")
ADDRESSES = ("/guide/", *(f"/guide/{slug}/" for slug in PAGES))
PUBLISHED_BY_THE_BODY = 1  # the name and address of the body in the frame of every page


def reader(language: str) -> Client:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("language", FOLDERS)
def test_every_page_is_served_in_the_readers_language(
    language: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, links = reader(language), set()
    for address in ADDRESSES:
        with django_assert_num_queries(PUBLISHED_BY_THE_BODY):
            answer = client.get(address)
        page = answer.content.decode()
        assert (answer.status_code, page.count("<h1")) == (200, 1), address
        assert [what for what, pattern in INLINE.items() if pattern.search(page)] == [], address
        assert not OTHER_HOST.search(page), address
        links |= set(re.findall(r'href="(/guide/[^"#]*)', page))
        for picture in PICTURE.findall(page.partition("<article")[2]):
            facts = dict(re.findall(r'(\w+)="([^"]*)"', picture))
            assert facts["alt"], address
            assert int(facts["width"]), address
            assert int(facts["height"]), address
            assert finders.find(facts["src"].removeprefix(settings.STATIC_URL)), facts["src"]
        for anchor in re.findall(r'href="#([^"]+)"', page):
            assert f'id="{anchor}"' in page, f"{address}#{anchor}"
    assert links == set(ADDRESSES)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["nothing", "index", "README", "..", "../README", "..%2f..%2fREADME", "en/client", "client.md"]
)
def test_no_other_file_is_reached(path: str) -> None:
    assert Client().get(f"/guide/{path}/").status_code == (200 if path == "index" else 404)


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(role for roles in PAGES.values() for role in roles))
def test_the_desk_of_a_role_leads_to_its_page(role: Role, client: Client) -> None:
    client.force_login(make_user(role))
    page = client.get("/desk/").content.decode()
    slugs = [slug for slug, roles in PAGES.items() if role in roles]
    assert re.findall(r'href="/guide/([\w-]+)/"', page) == slugs


@pytest.mark.django_db
def test_the_home_of_a_client_leads_to_the_clients_page(client: Client) -> None:
    user = make_user()
    make_organisation(user)
    client.force_login(user)
    page = client.get("/portal/").content.decode()
    assert 'href="/guide/client/"' in page
    assert 'href="/guide/"' in page, "the foot of the page"
