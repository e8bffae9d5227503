"""The client's pages of the parts that are rows of their own: sites and documents."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.models import Site
from applications.transitions import ATTACH
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import begun_application, checked_picture, picture

pytestmark = pytest.mark.django_db
AUTOSAVE = {"X-Autosave": "1"}


def url(application, name, *more):
    return reverse(f"applications:{name}", args=[application.case.reference, *more])


@pytest.fixture
def draft(client_user):
    return begun_application(client_user)


def test_a_site_is_added_changed_and_removed(client_user, draft):
    browser = signed_in(client_user)
    given = {"name": "福田网点", "address": "深圳市福田区", "headcount": "8"}
    assert browser.post(url(draft, "site_new"), given)["Location"] == url(draft, "section", "sites")
    site = draft.sites.get(name="福田网点")
    answer = browser.post(url(draft, "site", site.pk), given | {"activity": "维修"}, headers=AUTOSAVE)
    assert answer.status_code == 200
    site.refresh_from_db()
    assert site.activity == "维修"
    assert browser.post(url(draft, "site_remove", site.pk)).status_code == 302
    assert not Site.objects.filter(pk=site.pk).exists()


def test_a_second_click_adds_one_site(client_user, draft):
    given = {"name": "福田网点", "address": "福田", "submission": "6f1c1c52-54a7-4b8a-9b0a-0c2f8cf6a222"}
    browser = signed_in(client_user)
    for _click in range(2):
        assert browser.post(url(draft, "site_new"), given).status_code == 302
    assert draft.sites.count() == 2


def test_the_head_office_moves_and_is_never_removed(client_user, draft):
    browser = signed_in(client_user)
    old = draft.sites.get()
    assert browser.post(url(draft, "site_remove", old.pk)).status_code == 409
    browser.post(url(draft, "site_new"), {"name": "新总部", "address": "深圳", "kind": "head_office"})
    assert draft.sites.get(is_head_office=True).name == "新总部"
    assert browser.post(url(draft, "site_remove", old.pk)).status_code == 302


def test_a_site_of_somebody_else_is_not_reached_through_an_own_application(client_user, stranger, draft):
    other = begun_application(stranger)
    browser = signed_in(client_user)
    for name in ("site", "site_remove"):
        assert browser.post(url(draft, name, other.sites.get().pk), {"name": "x"}).status_code == 404


def test_a_site_needs_name_and_address(client_user, draft):
    answer = signed_in(client_user).post(url(draft, "site_new"), {"name": "", "address": "福田"})
    assert answer.status_code == 422
    assert 'value="福田"' in answer.content.decode()
    assert draft.sites.count() == 1


def test_removing_a_site_is_a_post(client_user, draft):
    assert signed_in(client_user).get(url(draft, "site_remove", draft.sites.get().pk)).status_code == 405


def test_a_document_is_uploaded_replaced_and_taken_out(client_user, draft):
    browser = signed_in(client_user)
    address = url(draft, "document", "profile")
    assert browser.post(address, {"upload": picture("one.png"), "number": "A-1"}).status_code == 302
    first = draft.documents.get()
    assert (first.number, first.file.audience) == ("A-1", "client")
    answer = browser.post(address, {"upload": picture("two.png"), "replaces": first.pk})
    assert answer["Location"].endswith("#document-profile")
    first.refresh_from_db()
    assert first.replaced_by.file.name == "two.png"
    assert browser.post(url(draft, "document_remove", first.replaced_by.pk)).status_code == 302
    assert draft.documents.filter(removed_at=None, replaced_by=None).count() == 0
    assert draft.documents.count() == 2


def test_an_upload_that_is_no_document_is_refused_with_a_sentence(client_user, draft):
    fake = SimpleUploadedFile("plan.pdf", b"<html>not a pdf</html>")
    answer = signed_in(client_user).post(url(draft, "document", "profile"), {"upload": fake, "number": "B-7"})
    assert answer.status_code == 422
    assert "plan.pdf" in answer.content.decode()
    assert 'value="B-7"' in answer.content.decode()
    assert not draft.documents.exists()


def test_a_permit_must_say_until_when_and_may_not_have_expired(client_user, draft):
    browser = signed_in(client_user)
    address = url(draft, "document", "permits")
    assert browser.post(address, {"upload": picture()}).status_code == 422
    answer = browser.post(address, {"upload": picture(), "expires_on": "2020-01-01"})
    assert answer.status_code == 422
    assert "This document has expired" in answer.content.decode()


def test_a_document_of_an_unknown_kind_does_not_exist(client_user, draft):
    assert signed_in(client_user).get(url(draft, "document", "gossip")).status_code == 404


def test_a_document_of_somebody_else_cannot_be_taken_out(client_user, stranger, draft):
    other = begun_application(stranger)
    perform(ATTACH, other, actor=stranger, kind="profile", upload=checked_picture())
    answer = signed_in(client_user).post(url(draft, "document_remove", other.documents.get().pk))
    assert answer.status_code == 404


def test_a_document_taken_out_twice_says_so(client_user, draft):
    perform(ATTACH, draft, actor=client_user, kind="profile", upload=checked_picture())
    browser = signed_in(client_user)
    address = url(draft, "document_remove", draft.documents.get().pk)
    assert browser.post(address).status_code == 302
    answer = browser.post(address)
    assert answer.status_code == 409
    assert "no longer there" in answer.content.decode()
