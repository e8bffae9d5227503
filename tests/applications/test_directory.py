"""The desk's lists of organisations and documents, and the page of one organisation."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client

from applications.lists import DOCUMENTS, ORGANISATIONS
from certbody import clock
from certbody.web import panels
from tests.applications.conftest import signed_in
from tests.road.applications import begun_application, make_organisation, submitted_application
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
LISTS = ("/desk/organisations/", "/desk/documents/")


def names_in(answer) -> list[str]:
    """The organisation of every row of an exported list."""
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline="")))
    return [row["Organisation"] for row in rows]


@pytest.mark.parametrize("address", LISTS)
def test_the_lists_are_for_people_of_the_body_and_for_reading(client_user, reviewer, client: Client, address):
    assert signed_in(reviewer).get(address).status_code == 200
    assert signed_in(reviewer).post(address).status_code == 405
    assert signed_in(client_user).get(address).status_code == 404
    assert client.get(address)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("address", LISTS)
def test_an_auditor_without_appointment_finds_no_client(client_user, auditor, address):
    application = submitted_application(client_user)
    browser = signed_in(auditor)
    for query in ("", "?export=csv", f"?q={application.case.reference}", "?sort=-name"):
        assert application.case.organisation.name not in browser.get(address + query).text
    assert browser.get(f"/desk/organisations/{application.case.organisation_id}/").status_code == 404


def test_the_menu_leads_to_both_lists_for_whoever_reads_applications(reviewer, auditor):
    for address in LISTS:
        assert f'href="{address}"' in signed_in(reviewer).get("/desk/settings/").text
        assert f'href="{address}"' not in signed_in(auditor).get("/desk/settings/").text


def test_an_organisation_is_found_by_name_english_name_and_beginning_of_its_code(
    client_user, stranger, reviewer
):
    wanted = make_organisation(client_user, name="顺德美家电器", name_en="Meijia Appliances")
    make_organisation(stranger)
    browser = signed_in(reviewer)
    for text in ("美家", "meijia", wanted.credit_code[:17], wanted.credit_code.lower()):
        assert names_in(browser.get("/desk/organisations/", {"q": text, "export": "csv"})) == [wanted.name]


def test_organisations_are_narrowed_by_who_looks_after_them(client_user, stranger, reviewer, officer):
    mine, nobody_s = make_organisation(client_user), make_organisation(stranger)
    others = make_organisation(make_user())
    type(mine).objects.filter(pk=mine.pk).update(customer_service_owner=reviewer.person)
    type(mine).objects.filter(pk=others.pk).update(customer_service_owner=officer.person)
    browser = signed_in(reviewer)

    def found(value: str) -> set[str]:
        return set(names_in(browser.get("/desk/organisations/", {"owner": value, "export": "csv"})))

    assert found("mine") == {mine.name}
    assert found("nobody") == {nobody_s.name}
    assert found("somebody") == {mine.name, others.name}
    everybody = {mine.name, nobody_s.name, others.name}
    assert (found(""), found("1"), found("officer' OR 1=1")) == (everybody, everybody, everybody)


def test_the_page_of_an_organisation_shows_its_data_cases_and_members(client_user, reviewer, monkeypatch):
    application = submitted_application(client_user)
    organisation = application.case.organisation
    type(organisation).objects.filter(pk=organisation.pk).update(customer_service_owner=reviewer.person)

    def panel(user, case=None, organisation=None):
        return panels.Panel(f"For {user.person.name}: {organisation.name}", "desk/tasks.html", {})

    monkeypatch.setitem(panels._places, "desk_organisation", [(50, panel)])
    answer = signed_in(reviewer).get(f"/desk/organisations/{organisation.pk}/")
    for text in (
        organisation.name,
        organisation.credit_code,
        organisation.contact_email,
        reviewer.person.name,
        f'href="/desk/cases/{application.case.reference}/"',
    ):
        assert text in answer.text
    assert answer.context["members"] == 1
    assert [made.title for made in answer.context["panels"]] == [f"For 审核员: {organisation.name}"]


def test_the_page_of_an_organisation_is_for_people_of_the_body(client_user, reviewer, client: Client):
    organisation = make_organisation(client_user)
    address = f"/desk/organisations/{organisation.pk}/"
    page = signed_in(reviewer).get(address)
    assert "This organisation has not begun an application yet." in page.text
    assert signed_in(reviewer).post(address).status_code == 405
    assert signed_in(reviewer).get("/desk/organisations/999999/").status_code == 404
    assert signed_in(client_user).get(address).status_code == 404
    assert client.get(address)["Location"].startswith("/accounts/login/")


def test_only_documents_in_force_are_listed(client_user, reviewer):
    application = submitted_application(client_user)
    in_force, removed, replaced = application.documents.order_by("pk")[:3]
    rows = type(in_force).objects
    rows.filter(pk=removed.pk).update(removed_at=clock.now())
    newer = rows.create(application=application, kind=replaced.kind, file=replaced.file)
    rows.filter(pk=replaced.pk).update(replaced_by=newer)
    listed = {row.pk for row in DOCUMENTS.rows(reviewer)}
    assert {in_force.pk, newer.pk} <= listed
    assert not {removed.pk, replaced.pk} & listed


def test_documents_are_narrowed_by_kind_and_by_the_day_they_end(client_user, reviewer):
    application = submitted_application(client_user)
    documents = list(application.documents.order_by("pk"))
    today = clock.today()
    days = {"yesterday": -1, "today": 0, "in ten days": 10, "in eleven days": 11}
    rows = type(documents[0]).objects
    rows.update(expires_on=None)
    for document, after in zip(documents, days.values(), strict=False):
        rows.filter(pk=document.pk).update(expires_on=today + timedelta(days=after))
    browser = signed_in(reviewer)

    def found(**query: str) -> list[str]:
        page = browser.get("/desk/documents/", {"sort": "expires_on", **query})
        keys = [row.record.pk for row in page.context["table"].rows]
        return [name for name, document in zip(days, documents, strict=False) if document.pk in keys]

    assert found(expiry="expired") == ["yesterday"]
    assert found(expiry="valid") == ["today", "in ten days", "in eleven days"]
    assert found(expiry="no_day") == []
    assert found(days="10") == ["today", "in ten days"], "the last day counts as valid"
    assert found(days="0") == ["today"]
    assert found(days="-1") == found(days="ten") == found(days="999999") == list(days), "no number of days"
    kind = documents[0].kind
    page = browser.get("/desk/documents/", {"kind": kind})
    assert {row.record.kind for row in page.context["table"].rows} == {kind}


def test_an_expired_document_says_so_in_a_word(client_user, reviewer):
    application = submitted_application(client_user)
    application.documents.update(expires_on=clock.today() - timedelta(days=1))
    assert "expired" in signed_in(reviewer).get("/desk/documents/").text


def test_every_list_names_only_its_own_columns_in_a_file(client_user, reviewer):
    begun_application(client_user)
    heads = {
        definition.key: signed_in(reviewer)
        .get(f"/desk/{definition.key}/", {"export": "csv"})
        .content.decode("utf-8-sig")
        .splitlines()[0]
        for definition in (ORGANISATIONS, DOCUMENTS)
    }
    assert heads == {
        "organisations": "Organisation,Credit code,Customer-service owner,Cases,Registered here",
        "documents": "Document,Organisation,Case,Site,Valid until,Uploaded",
    }
