"""The one way out (items 16, 18, 49): to whom, and with which headers."""

import pytest
from django.test import Client
from django.urls import reverse

from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import SEAT_ON_PANEL, CaseAccess, Part
from certbody.cases.services import open_case, record_part
from certbody.files.models import Audience, StoredFile
from certbody.files.queries import visible_to
from certbody.files.storage import private_root, store
from tests.accounts.doors import security_log
from tests.files.making import pdf, picture
from tests.road.people import make_organisation, make_user

__all__ = ["security_log"]
pytestmark = pytest.mark.django_db
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store, private",
}


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def case(owner):
    return open_case(organisation=make_organisation(owner), scheme="gbt27922-2011")


@pytest.fixture
def licence(case, owner) -> StoredFile:
    return store(
        content=pdf(),
        name="营业执照.pdf",
        kind="licence",
        case=case,
        audience=Audience.CLIENT,
        uploaded_by=owner,
    )


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def auditor_with_access(case) -> User:
    auditor = make_user(Role.AUDITOR)
    CaseAccess.objects.create(case=case, person=auditor.person, ground="team")
    return auditor


def test_item_16_the_owner_gets_the_file_to_save_and_never_to_show(owner, licence):
    response = client_of(owner).get(licence.get_absolute_url())
    assert response.status_code == 200
    assert response.content == pdf()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment;")
    assert {name: response[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(("name", "content"), [("photo.jpg", picture("JPEG")), ("chart.png", picture("PNG"))])
def test_item_16_every_type_leaves_under_the_same_headers(owner, case, name, content):
    stored = store(content=content, name=name, kind="photo", case=case, audience=Audience.CLIENT)
    response = client_of(owner).get(stored.get_absolute_url())
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert {header: response[header] for header in HEADERS} == HEADERS


def test_item_16_a_stranger_cannot_tell_the_file_from_one_that_never_was(licence):
    other = make_user()
    make_organisation(other)
    visitor = client_of(other)
    there = visitor.get(licence.get_absolute_url())
    nowhere = visitor.get(reverse("files:download", args=["00000000-0000-4000-8000-000000000000"]))
    assert there.status_code == nowhere.status_code == 404
    assert "营业执照" not in there.content.decode()


def test_item_16_a_visitor_is_asked_to_sign_in_and_learns_nothing(licence):
    there = Client().get(licence.get_absolute_url())
    nowhere = Client().get(reverse("files:download", args=["00000000-0000-4000-8000-000000000000"]))
    assert there.status_code == nowhere.status_code == 302
    assert there["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("address", ["/media/{path}", "/static/{path}", "/files/{path}", "/files/{sha256}/"])
def test_item_16_no_other_address_leads_to_the_bytes(owner, licence, address):
    address = address.format(path=licence.path, sha256=licence.sha256)
    assert client_of(owner).get(address).status_code == 404


def test_item_16_a_part_of_a_file_is_not_given_out(owner, licence):
    response = client_of(owner).get(licence.get_absolute_url(), headers={"range": "bytes=0-3"})
    assert response.status_code == 200
    assert response.content == pdf()


def test_only_reading_methods_are_answered(owner, licence):
    client = client_of(owner)
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(licence.get_absolute_url()).status_code == 405


def test_item_18_a_hostile_name_stays_one_header_and_one_name(owner, case):
    stored = store(
        content=pdf(),
        name='a"\r\nSet-Cookie: x=1\u202e;.pdf',
        kind="licence",
        case=case,
        audience=Audience.CLIENT,
    )
    response = client_of(owner).get(stored.get_absolute_url())
    assert response["Content-Disposition"] == 'attachment; filename="a\' Set-Cookie: x=1;.pdf"'
    assert "x" not in response.cookies


def test_item_18_a_chinese_name_is_encoded_as_the_standard_says(owner, licence):
    response = client_of(owner).get(licence.get_absolute_url())
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E8%90%A5%E4%B8%9A%E6%89%A7%E7%85%A7.pdf"
    )


@pytest.mark.parametrize("audience", [Audience.STAFF, Audience.PANEL])
def test_a_client_sees_nothing_that_is_meant_for_the_body(owner, case, audience):
    stored = store(content=pdf(), name="notes.pdf", kind="notes", case=case, audience=audience)
    assert client_of(owner).get(stored.get_absolute_url()).status_code == 404


def test_what_is_for_the_committee_is_closed_to_the_audit_team(case):
    paper = store(content=pdf(), name="motion.pdf", kind="motion", case=case, audience=Audience.PANEL)
    member, planner = make_user(Role.COMMITTEE), make_user(Role.PLANNER)
    seat = CaseAccess.objects.create(case=case, person=member.person, ground=SEAT_ON_PANEL)
    assert list(visible_to(auditor_with_access(case))) == []
    assert list(visible_to(member)) == [paper]
    assert list(visible_to(planner)) == [paper]
    seat.ended_at = clock.now()
    seat.save()
    assert list(visible_to(member)) == []


@pytest.mark.parametrize("role", [Role.COMMITTEE, Role.TECHNICAL_REVIEWER])
def test_whoever_evaluated_or_is_appointed_reads_no_paper_of_the_committee(case, role):
    store(content=pdf(), name="motion.pdf", kind="motion", case=case, audience=Audience.PANEL)
    evaluated, appointed = make_user(role), make_user(role)
    for user in (evaluated, appointed):
        CaseAccess.objects.create(case=case, person=user.person, ground=SEAT_ON_PANEL)
    record_part(case=case, person=evaluated.person, part=Part.STAGE_2)
    CaseAccess.objects.create(case=case, person=appointed.person, ground="team")
    assert list(visible_to(evaluated)) == []
    assert list(visible_to(appointed)) == []


@pytest.mark.parametrize("audience", [Audience.CLIENT, Audience.STAFF])
def test_people_of_the_body_see_the_files_of_their_cases_only(case, audience):
    stored = store(content=pdf(), name="notes.pdf", kind="notes", case=case, audience=audience)
    appointed, not_appointed = auditor_with_access(case), make_user(Role.AUDITOR)
    assert list(visible_to(appointed)) == [stored]
    assert list(visible_to(make_user(Role.REVIEWER))) == [stored]
    assert list(visible_to(not_appointed)) == []
    assert list(visible_to(make_user(Role.ADMINISTRATOR))) == []


def test_a_file_of_the_organisation_alone_goes_with_its_cases(owner, case):
    stored = store(
        content=pdf(),
        name="licence.pdf",
        kind="licence",
        organisation=case.organisation,
        audience=Audience.CLIENT,
    )
    assert stored.case is None
    assert list(visible_to(owner)) == [stored]
    assert list(visible_to(auditor_with_access(case))) == [stored]
    assert list(visible_to(make_user(Role.AUDITOR))) == []


def test_a_disabled_account_sees_no_file(owner, licence):
    owner.is_active = False
    owner.save()
    assert not visible_to(owner).exists()


def test_item_49_a_changed_file_is_refused_with_a_page_and_not_a_byte_of_it(owner, licence, security_log):
    (private_root() / licence.path).write_bytes(b"%PDF-1.7 forged")
    response = client_of(owner).get(licence.get_absolute_url())
    assert response.status_code == 410
    assert b"forged" not in response.content
    assert "no longer the one that was handed in" in response.content.decode()
    assert str(licence.pk) in response.content.decode()
    (damage,) = security_log.lines("file damaged")
    (refusal,) = security_log.lines("file view refused")
    assert damage["fault"] == "changed"
    assert (refusal["object_id"], refusal["user"], refusal["result"]) == (
        str(licence.pk),
        owner.pk,
        "refused",
    )


def test_every_view_of_a_file_is_in_the_security_log_once(owner, licence, security_log):
    client_of(owner).get(licence.get_absolute_url())
    (line,) = security_log.lines("file viewed")
    assert (line["object_id"], line["user"], line["case"], line["result"]) == (
        str(licence.pk),
        owner.pk,
        licence.case_id,
        "ok",
    )
    assert line["address"] == "127.0.0.1"
    assert "营业执照" not in security_log.text
