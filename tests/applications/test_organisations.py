from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from applications.services.organisations import change_organisation, create_organisation
from certbody import clock
from certbody.accounts.models import Membership, MembershipRole, Organisation
from certbody.accounts.roles import Role
from certbody.body.services import change_setting
from certbody.trail.models import Event
from tests.applications.conftest import signed_in
from tests.road.applications import (
    accepted_application,
    begun_application,
    make_organisation,
    organisation_values,
    submitted_application,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
NEW = "/portal/organisations/new/"


def test_who_registers_an_organisation_becomes_its_owner_and_the_trail_knows(client_user):
    organisation = make_organisation(client_user)
    assert organisation.memberships.get().role == MembershipRole.OWNER
    event = Event.objects.get(name="organisation.created")
    assert event.data == {"credit_code": organisation.credit_code}
    assert event.actor_user == client_user


def test_no_organisation_is_registered_twice_however_its_code_is_typed(client_user, stranger):
    values = organisation_values()
    make_organisation(client_user, **values)
    values["credit_code"] = f" {values['credit_code'].lower()} "
    with pytest.raises(ValidationError, match="already registered"):
        create_organisation(actor=stranger, values=values)
    assert Organisation.objects.count() == 1


def test_two_registrations_at_once_end_with_the_same_sentence(client_user, stranger, monkeypatch):
    values = organisation_values()
    make_organisation(client_user, **values)
    looks_free = type("Nobody", (), {"exists": staticmethod(lambda: False)})
    monkeypatch.setattr(Organisation.objects, "filter", lambda **_lookup: looks_free)
    with pytest.raises(ValidationError, match="already registered"):
        create_organisation(actor=stranger, values=values)


def test_the_form_of_a_new_organisation_registers_it(client_user):
    answer = signed_in(client_user).post(NEW, organisation_values())
    assert answer.status_code == 302
    assert client_user.organisations.count() == 1


def test_everything_typed_stays_when_a_code_is_wrong(client_user):
    values = organisation_values()
    values["credit_code"] = values["credit_code"][:-1] + ("0" if values["credit_code"][-1] != "0" else "1")
    answer = signed_in(client_user).post(NEW, values)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "The check character does not fit" in text
    assert values["name"] in text


def test_more_managers_than_people_is_refused_at_the_field(client_user):
    answer = signed_in(client_user).post(
        NEW, organisation_values(headcount=5, service_management_headcount=6)
    )
    assert answer.status_code == 422
    assert "This is more than the whole headcount." in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name_en", "新星", "without Chinese characters"),
        ("name_en", "Nova 新星 Ltd", "without Chinese characters"),
        ("registered_address_en", "广州", "without Chinese characters"),
        ("registered_address_en", "12345", "with Latin letters"),
        ("contact_phone", "abc", "This is not a telephone number"),
        ("contact_phone", "12 34", "This is not a telephone number"),
    ],
)
def test_what_is_printed_in_english_is_english_and_a_telephone_number_has_digits(
    client_user, field, typed, sentence
):
    answer = signed_in(client_user).post(NEW, organisation_values(**{field: typed}))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert sentence in text
    assert typed in text
    assert len(answer.context["form"].errors[field]) == 1, "one fault, one sentence"


@pytest.mark.parametrize(
    "typed", ["0755-12345678", "+86 138 0000 0000", "(010) 8888-8888 转 801", "400 800 1234 ext. 5"]
)
def test_a_telephone_number_is_taken_as_people_write_it(client_user, typed):
    assert signed_in(client_user).post(NEW, organisation_values(contact_phone=typed)).status_code == 302


def test_a_name_that_cannot_be_printed_is_refused_with_the_character(client_user):
    answer = signed_in(client_user).post(NEW, organisation_values(name="深圳\u0e01有限公司"))
    assert answer.status_code == 422
    assert "U+0E01" in answer.content.decode()


def test_a_registered_code_gets_a_clear_sentence_on_the_page(client_user, stranger):
    organisation = make_organisation(client_user)
    answer = signed_in(stranger).post(NEW, organisation_values(credit_code=organisation.credit_code))
    assert answer.status_code == 422
    assert "This organisation is already registered here." in answer.content.decode()


def test_a_second_click_registers_once(client_user):
    values = organisation_values() | {"submission": "6f1c1c52-54a7-4b8a-9b0a-0c2f8cf6a111"}
    browser = signed_in(client_user)
    answers = [browser.post(NEW, values) for _click in range(2)]
    assert [answer["Location"] for answer in answers] == ["/portal/", "/portal/"]
    assert Organisation.objects.count() == 1


def test_the_data_of_an_organisation_can_be_corrected_while_it_fills_in(client_user):
    application = begun_application(client_user)
    organisation = application.case.organisation
    values = organisation_values(credit_code=organisation.credit_code, name="深圳新华丰有限公司")
    answer = signed_in(client_user).post(reverse("applications:organisation", args=[organisation.pk]), values)
    assert answer.status_code == 302
    organisation.refresh_from_db()
    application.refresh_from_db()
    assert organisation.name == "深圳新华丰有限公司"
    assert application.edits["organisation"]["count"] == 1
    assert "name" in Event.objects.get(name="organisation.changed").data["fields"]


@pytest.mark.parametrize("road", [submitted_application, accepted_application])
def test_name_and_code_stand_still_while_the_body_works_with_them(client_user, road):
    organisation = road(client_user).case.organisation
    with pytest.raises(ValidationError, match="cannot change while"):
        change_organisation(organisation=organisation, actor=client_user, values={"name": "别的名称"})
    assert change_organisation(
        organisation=organisation, actor=client_user, values={"contact_name": "赵敏"}
    ) == ["contact_name"]


def test_a_locked_name_is_shown_and_what_is_posted_for_it_is_ignored(client_user):
    organisation = submitted_application(client_user).case.organisation
    url = reverse("applications:organisation", args=[organisation.pk])
    answer = signed_in(client_user).post(url, organisation_values(contact_name="赵敏"))
    assert answer.status_code == 302
    before = organisation.name
    organisation.refresh_from_db()
    assert (organisation.name, organisation.contact_name) == (before, "赵敏")


def test_nothing_changed_leaves_no_event(client_user):
    organisation = make_organisation(client_user)
    assert (
        change_organisation(organisation=organisation, actor=client_user, values={"name": organisation.name})
        == []
    )
    assert not Event.objects.filter(name="organisation.changed").exists()


def test_begin_opens_a_draft_and_pressing_again_leads_to_the_same_one(client_user):
    organisation = make_organisation(client_user)
    browser = signed_in(client_user)
    url = reverse("applications:begin", args=[organisation.pk])
    first, second = browser.post(url), browser.post(url)
    case = organisation.cases.get()
    assert first["Location"] == f"/portal/applications/{case.reference}/organisation/"
    assert second["Location"] == f"/portal/applications/{case.reference}/"
    assert case.application.headcount == organisation.headcount
    assert case.application.sites.get().is_head_office


@pytest.mark.parametrize(
    ("works_at", "expected"),
    [("深圳市南山区科技路1号", "1 Keji Road, Nanshan, Shenzhen"), ("广州市天河区1号", "")],
)
def test_the_english_address_of_the_head_office_is_known_where_it_is_the_registered_one(
    client_user, works_at, expected
):
    organisation = make_organisation(client_user, operating_address=works_at)
    signed_in(client_user).post(reverse("applications:begin", args=[organisation.pk]))
    assert organisation.cases.get().application.sites.get().address_en == expected


@pytest.mark.parametrize("name", ["organisation", "begin"])
def test_the_pages_of_somebody_elses_organisation_do_not_exist(client_user, stranger, name):
    organisation = make_organisation(client_user)
    url = reverse(f"applications:{name}", args=[organisation.pk])
    assert signed_in(stranger).post(url).status_code == 404


def test_staff_register_no_organisation_in_the_portal(reviewer):
    assert signed_in(reviewer).post(NEW, organisation_values())["Location"] == "/desk/"
    assert not Organisation.objects.exists()


def test_a_barred_organisation_is_told_so_and_nothing_begins(client_user, monkeypatch):
    from certbody import clock, facts

    organisation = make_organisation(client_user)
    monkeypatch.setattr(
        facts, "_answers", {"blocked_until": [lambda **_about: clock.today() + timedelta(days=1)]}
    )
    answer = signed_in(client_user).post(reverse("applications:begin", args=[organisation.pk]))
    assert answer.status_code == 409
    assert "a new application is possible from" in answer.content.decode()
    assert not organisation.cases.exists()


def test_one_person_registers_few_organisations_a_day(client_user, stranger):
    change_setting(key="organisations_a_day", value=2, source="decision", actor=make_user(Role.HEAD))
    for _number in range(2):
        make_organisation(client_user)
    values = organisation_values()
    with pytest.raises(ValidationError, match="registered 2 organisations within a day"):
        create_organisation(actor=client_user, values=values)
    assert Organisation.objects.filter(credit_code=values["credit_code"]).count() == 0
    assert create_organisation(actor=stranger, values=values).pk
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        assert make_organisation(client_user).pk


def test_a_person_who_left_the_organisation_no_longer_reaches_it(client_user):
    organisation = make_organisation(client_user)
    Membership.objects.create(organisation=organisation, person=make_user().person, role="owner")
    organisation.memberships.filter(person=client_user.person).update(ended_at=clock.now())
    answer = signed_in(client_user).get(reverse("applications:organisation", args=[organisation.pk]))
    assert answer.status_code == 404
    assert make_user().organisations.count() == 0
