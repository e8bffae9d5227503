"""The pipeline of renewals at the desk, and the proof of certification for bidders."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from applications.services.serving import set_customer_service_owner
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.services import change_setting
from certbody.outbox.sweeper import sweep
from certbody.pdf.read import qr_codes_of, text_of
from certbody.scheme.dates import months_later
from certbody.trail.models import Event
from certbody.workflow import NotAllowed, NotReady, perform
from certificates.models import Certificate, ProofLetter
from certificates.transitions import SUSPEND
from certificates.transitions.letters import ASK_FOR_PROOF
from tests.matrix.whole_road import issued_certificate
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate(db: None) -> Certificate:
    return issued_certificate()


def at(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def owner_of(certificate: Certificate) -> User:
    return User.objects.get(person__memberships__organisation=certificate.organisation_id)


def suspend(certificate: Certificate) -> None:
    perform(SUSPEND, certificate, actor=make_user(Role.HEAD), ground="requirements", reason="暂停。")


def test_the_pipeline_shows_the_last_safe_day_and_filters_by_months_and_owner(certificate):
    officer = make_user(Role.CONTRACTS)
    set_customer_service_owner(organisation=certificate.organisation, person=officer.person, actor=officer)
    browser = at(officer)
    near = certificate.expires_on - timedelta(days=100)
    with clock.at(near):
        browser.force_login(officer)
        page = browser.get("/desk/renewals/?months=6").content.decode()
        assert certificate.number in page
        assert officer.person.name in page
        assert months_later(certificate.expires_on, -3).isoformat() in page
        assert "not begun" in page
        assert certificate.number not in browser.get("/desk/renewals/?months=3").content.decode()
        assert certificate.number in browser.get("/desk/renewals/?owner=me").content.decode()
        other = make_user(Role.CONTRACTS)
        assert certificate.number not in at(other).get("/desk/renewals/?owner=me").content.decode()
        exported = browser.get("/desk/renewals/?export=csv")
        assert certificate.number in exported.content.decode("utf-8-sig")
    with clock.at(certificate.expires_on - timedelta(days=60)):
        browser.force_login(officer)
        assert "cb-overdue" in browser.get("/desk/renewals/").content.decode()


def test_the_pipeline_is_for_the_offices_and_knows_one_method(certificate):
    assert at(make_user(Role.AUDITOR)).get("/desk/renewals/").status_code == 403
    assert at(owner_of(certificate)).get("/desk/renewals/").status_code == 404
    assert at(make_user(Role.HEAD)).post("/desk/renewals/").status_code == 405


def test_the_client_gets_a_letter_of_its_valid_certificate_with_what_a_bidder_needs(certificate):
    client = owner_of(certificate)
    browser = at(client)
    page = f"/portal/certificates/{certificate.pk}/"
    assert f"{page}letter/" in browser.get(page).content.decode()
    assert browser.get(f"{page}letter/").status_code == 200
    wish = {"as_of": clock.today().isoformat(), "tender": "招标 ZB-2027-18"}
    assert browser.post(f"{page}letter/", wish)["Location"] == page
    sweep()
    letter = ProofLetter.objects.get()
    pdf = browser.get(letter.file.get_absolute_url()).content
    text = "".join(text_of(pdf).split())
    assert set(qr_codes_of(pdf)) == {letter.facts["check_url"]}
    for fact in (
        certificate.number,
        certificate.organisation.name,
        certificate.organisation.credit_code,
        "ZB-2027-18",
        certificate.expires_on.isoformat(),
        f"/register/{certificate.number}/?on={clock.today().isoformat()}",
        certificate.editions.get().facts["grade_title_en"],
    ):
        assert "".join(str(fact).split()).lower() in text.lower(), fact
    names = list(Event.objects.filter(name__startswith="proof_letter").values_list("name", flat=True))
    assert names == ["proof_letter.asked", "proof_letter.made"]
    assert letter.number in browser.get(page).content.decode()
    stranger = make_user()
    make_organisation(stranger)
    assert at(stranger).get(letter.file.get_absolute_url()).status_code == 404
    assert at(stranger).post(f"{page}letter/", wish).status_code == 404


def test_a_staff_office_makes_one_too_and_others_may_not(certificate):
    page = f"/desk/certificates/{certificate.pk}/letter/"
    officer = make_user(Role.CERTIFICATES)
    assert at(officer).post(page, {"as_of": clock.today().isoformat()}).status_code == 302
    assert at(make_user(Role.PLANNER)).post(page, {"as_of": clock.today().isoformat()}).status_code == 403
    assert at(make_user(Role.AUDITOR)).get(page).status_code == 404
    with pytest.raises(NotAllowed):
        perform(ASK_FOR_PROOF, ProofLetter(certificate=certificate), actor=make_user(Role.FINANCE))
    second = at(officer).post(page, {"as_of": clock.today().isoformat(), "tender": "二"})
    assert second.status_code == 302
    assert [letter.ordinal for letter in ProofLetter.objects.order_by("pk")] == [1, 2]


@pytest.mark.parametrize(("shift", "sentence"), [(-1, "was not valid on"), (1, "lies ahead")])
def test_a_day_on_which_it_was_not_valid_is_refused_with_what_was_typed(certificate, shift, sentence):
    day = (clock.today() + timedelta(days=shift)).isoformat()
    browser = at(owner_of(certificate))
    answer = browser.post(
        f"/portal/certificates/{certificate.pk}/letter/", {"as_of": day, "tender": "招标 7"}
    )
    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    assert "招标 7" in answer.content.decode()
    assert not ProofLetter.objects.exists()


def test_a_client_asks_for_so_many_letters_a_day_and_the_body_for_as_many_as_it_needs(certificate):
    change_setting(key="proof_letters_a_day", value=2, source="decision", actor=make_user(Role.HEAD))
    page, wish = f"/portal/certificates/{certificate.pk}/letter/", {"as_of": clock.today().isoformat()}
    browser = at(owner_of(certificate))
    assert [browser.post(page, wish | {"tender": str(number)}).status_code for number in range(2)] == [
        302,
        302,
    ]
    refused = browser.post(page, wish | {"tender": "第三"})
    assert refused.status_code == 409
    assert "has asked for 2 letters within a day" in refused.text
    assert "第三" in refused.text
    desk = f"/desk/certificates/{certificate.pk}/letter/"
    assert at(make_user(Role.CERTIFICATES)).post(desk, wish).status_code == 302
    assert ProofLetter.objects.count() == 3
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        later = {"as_of": clock.today().isoformat()}
        assert at(owner_of(certificate)).post(page, later).status_code == 302


def test_a_suspended_certificate_is_proved_for_earlier_days_only(certificate):
    client = owner_of(certificate)
    with clock.at(clock.now() + timedelta(days=10)):
        suspend(certificate)
        letter = ProofLetter(certificate=certificate, as_of=clock.today())
        with pytest.raises(NotReady):
            perform(ASK_FOR_PROOF, letter, actor=client)
        page = at(client).get(f"/portal/certificates/{certificate.pk}/").content.decode()
        assert "/letter/" not in page
        earlier = ProofLetter(certificate=certificate, as_of=clock.today() - timedelta(days=3))
        assert perform(ASK_FOR_PROOF, earlier, actor=client).state == "asked"


def test_a_character_that_cannot_be_printed_is_refused_at_the_field(certificate):
    answer = at(owner_of(certificate)).post(
        f"/portal/certificates/{certificate.pk}/letter/",
        {"as_of": clock.today().isoformat(), "tender": "\u0e01"},
    )
    assert answer.status_code == 422
    assert "U+0E01" in answer.content.decode()


def test_the_database_numbers_letters_and_keeps_a_file_with_a_made_one(certificate):
    client = owner_of(certificate)
    letter = perform(ASK_FOR_PROOF, ProofLetter(certificate=certificate, as_of=clock.today()), actor=client)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProofLetter.objects.filter(pk=letter.pk).update(state="made")
    twin = ProofLetter(
        certificate=certificate,
        as_of=letter.as_of,
        asked_by=client.person,
        printed={},
        ordinal=letter.ordinal,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
