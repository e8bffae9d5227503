"""Uploads by the script of the page: several files, a broken connection, a reload, and going on where it stopped."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from applications.models import ApplicationDocument
from certbody.files.models import Upload
from tests.files.making import MEGABYTE, picture
from tests.road.applications import begun_application
from tests.road.people import make_user

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql", reason="the script does not depend on the database"
    ),
]


@pytest.fixture
def owner() -> Any:
    return make_user()


@pytest.fixture
def form(owner: Any, page: Page, live_server: Any) -> Page:
    """The page on which the profile of a new application is uploaded."""
    door = Client()
    door.force_login(owner)
    session = door.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    draft = begun_application(owner)
    page.goto(reverse("applications:document", args=[draft.case.reference, "profile"]))
    return page


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A picture of three pieces."""
    path = tmp_path / "large.png"
    path.write_bytes(picture("PNG") + os.urandom(2 * MEGABYTE + 1000))
    return path


def choose(page: Page, *files: Any) -> None:
    page.set_input_files("#id_upload", list(files))


def line(page: Page, name: str) -> Any:
    return page.locator("[data-list] > li", has_text=name)


def test_a_broken_connection_and_a_reload_cost_no_byte_that_had_arrived(form: Page, large: Path, owner: Any):
    offsets: list[str] = []

    def watch(route: Route) -> None:
        offset = route.request.url.partition("offset=")[2]
        offsets.append(offset)
        if offset == str(MEGABYTE) and offsets.count(offset) == 1:
            route.abort()
        else:
            route.continue_()

    form.route("**/piece/**", watch)
    choose(form, large)
    expect(line(form, "large.png")).to_contain_text("here, 2")
    assert offsets == ["0", str(MEGABYTE), str(MEGABYTE), str(2 * MEGABYTE)]

    form.reload()
    expect(form.locator("[data-list] input[type=checkbox]")).to_be_checked()
    form.locator("form[enctype] .btn-primary").click()
    expect(form).to_have_url(re.compile("/documents/#document-profile$"))
    expect(form.locator("#document-profile .cb-checklist-facts")).to_contain_text("large.png")
    assert not Upload.objects.exists()


def test_after_a_reload_in_the_middle_the_same_file_goes_on_from_there(form: Page, large: Path):
    form.route(f"**/piece/?offset={MEGABYTE}", lambda route: route.abort())
    choose(form, large)
    expect(line(form, "large.png")).to_contain_text("interrupted")
    form.on("dialog", lambda dialog: dialog.accept())
    form.unroute_all(behavior="ignoreErrors")
    form.reload()
    expect(line(form, "large.png")).to_contain_text("stopped at 49 %")
    with form.expect_request("**/piece/**") as first:
        choose(form, large)
    assert first.value.url.endswith(f"offset={MEGABYTE}")
    expect(line(form, "large.png")).to_contain_text("here, 2")
    expect(form.locator("[data-list] > li")).to_have_count(1)


def test_several_files_one_of_them_refused_one_taken_back(form: Page):
    good, second = (
        {"name": f"{n}.png", "mimeType": "image/png", "buffer": picture("PNG")} for n in ("a", "b")
    )
    choose(form, good, {"name": "page.html", "mimeType": "text/html", "buffer": b"<html>"}, second)
    expect(line(form, "page.html")).to_contain_text("please upload a PDF, JPG, PNG, DOCX or XLSX file")
    expect(form.locator("[data-said]")).not_to_be_empty()
    expect(line(form, "b.png")).to_contain_text("here")
    line(form, "b.png").get_by_role("button").last.click()
    expect(line(form, "b.png")).to_have_count(0)
    form.locator("form[enctype] .btn-primary").click()
    expect(form.locator("#document-profile .cb-checklist-file")).to_have_count(1)
    expect(form.locator("#document-profile")).to_contain_text("a.png")
    assert ApplicationDocument.objects.filter(kind="profile").count() == 1


def test_a_page_that_is_sent_too_early_waits_for_its_files(form: Page, large: Path):
    choose(form, large)
    form.locator("form[enctype] .btn-primary").click()
    expect(form.locator("#document-profile .cb-checklist-file")).to_have_count(1)
    assert ApplicationDocument.objects.filter(kind="profile").count() == 1
