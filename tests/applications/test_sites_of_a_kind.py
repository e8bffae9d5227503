"""Head office, branch, outlet: the kind of a site and the mark of the head office never part."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.models import Site
from applications.states import SiteKind
from tests.applications.conftest import signed_in
from tests.road.applications import begun_application

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(client_user):
    return begun_application(client_user)


def add(browser, draft, **values):
    return browser.post(reverse("applications:site_new", args=[draft.case.reference]), values)


@pytest.mark.parametrize(
    ("kind", "is_head_office"), [("branch", True), ("outlet", True), ("head_office", False)]
)
def test_the_database_refuses_a_kind_that_says_otherwise(draft, kind, is_head_office):
    draft.sites.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Site.objects.create(
            application=draft, name="福田", address="福田", kind=kind, is_head_office=is_head_office
        )


def test_a_new_head_office_makes_a_branch_of_the_old_one(client_user, draft):
    old = draft.sites.get()
    add(signed_in(client_user), draft, name="新总部", address="深圳", kind="head_office")
    old.refresh_from_db()
    assert (old.kind, old.is_head_office) == (SiteKind.BRANCH, False)
    assert draft.sites.get(is_head_office=True).name == "新总部"


def test_the_head_office_does_not_become_an_outlet(client_user, draft):
    head = draft.sites.get()
    address = reverse("applications:site", args=[draft.case.reference, head.pk])
    signed_in(client_user).post(address, {"name": head.name, "address": head.address, "kind": "outlet"})
    head.refresh_from_db()
    assert (head.kind, head.is_head_office) == (SiteKind.HEAD_OFFICE, True)


def test_more_managers_than_people_are_named_at_the_field_and_refused_by_the_database(client_user, draft):
    answer = add(
        signed_in(client_user), draft, name="福田", address="福田", headcount="3", managers_trained="4"
    )
    assert answer.status_code == 422
    assert "This is more than the whole headcount." in answer.text
    with pytest.raises(IntegrityError), transaction.atomic():
        Site.objects.create(application=draft, name="福田", address="福田", headcount=3, managers_trained=4)


def test_the_page_adds_up_head_office_branches_and_outlets(client_user, draft):
    head = draft.sites.get()
    head.headcount, head.service_management_headcount, head.managers_trained = 30, 5, 1
    head.save()
    browser = signed_in(client_user)
    figures = {"headcount": "7", "service_management_headcount": "6", "managers_trained": "1"}
    for name in ("福田", "罗湖"):
        add(browser, draft, name=name, address=name, kind="outlet", **figures)
    text = browser.get(reverse("applications:section", args=[draft.case.reference, "sites"])).text
    assert "<strong>44</strong>" in text
    assert "<strong>17</strong>" in text
    assert "2 trained service managers are needed" in text
