"""Before the application: the log of enquiries and the indicative quote."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Enquiry, IndicativeQuoteLine
from applications.services.enquiries import FIELDS, request_of
from applications.services.quotes import priced
from applications.services.tariffs import tariff_of
from applications.transitions import CLOSE, EDIT, LINK, LOG, MAIL_QUOTE, QUOTE
from certbody import clock
from certbody.accounts.roles import Role
from certbody.body.services import change_setting
from certbody.cases.models import Part
from certbody.desk.models import Task
from certbody.outbox.models import Message
from certbody.outbox.sweeper import sweep
from certbody.trail.models import Event
from certbody.workflow import NotAllowed, NotReady, WrongState, perform
from tests.applications.conftest import signed_in
from tests.road.applications import begun_application, make_organisation
from tests.road.enquiries import enquiry_values, logged_enquiry, quoted_enquiry
from tests.road.people import make_user

pytestmark = pytest.mark.django_db
LIST = reverse("applications:enquiries")
QUERIES_OF_THE_LIST = 13
NEW = reverse("applications:enquiry_new")


def page(enquiry: Enquiry) -> str:
    return reverse("applications:enquiry", args=[enquiry.reference])


def posted(**changes) -> dict[str, str]:
    values = enquiry_values(**changes)
    return {name: "" if value is None else str(value) for name, value in values.items()}


def test_an_enquiry_gets_its_number_of_the_year_and_stands_in_the_list(officer):
    first, second = logged_enquiry(officer), logged_enquiry(officer, organisation_name="佛山光明照明厂")
    year = clock.today().year
    assert [first.reference, second.reference] == [f"E{year}-0001", f"E{year}-0002"]
    shown = signed_in(officer).get(LIST).content.decode()
    assert "佛山光明照明厂" in shown
    assert "佛山光明照明厂" not in signed_in(officer).get(LIST, {"state": "closed"}).content.decode()


def test_the_trail_holds_nothing_that_tells_who_the_contact_is(officer):
    enquiry = logged_enquiry(officer)
    perform(EDIT, enquiry, actor=officer, values={"contact_name": "王芳", "note": "下午联系"})
    kept = str(list(Event.objects.filter(name__startswith="enquiry.").values_list("data", flat=True)))
    assert "contact_name" in kept
    for text in (enquiry.contact_name, enquiry.contact_phone, enquiry.contact_email, "王芳", "下午联系"):
        assert text not in kept


def test_it_is_entered_by_the_market_department_on_the_page(officer, reviewer, client_user, client):
    browser = signed_in(officer)
    assert browser.get(NEW).status_code == 200
    assert browser.post(NEW, posted(organisation_name="")).status_code == 422
    answer = browser.post(NEW, posted(site_headcounts="12、8 3"))
    made = Enquiry.objects.get()
    assert answer["Location"] == page(made)
    assert made.site_headcounts == "12, 8, 3"
    assert signed_in(reviewer).get(NEW).status_code == 200
    assert signed_in(make_user(Role.HEAD)).get(NEW).status_code == 403
    assert signed_in(make_user(Role.PLANNER)).get(NEW).status_code == 403
    assert signed_in(client_user).get(NEW).status_code == 404
    assert client.get(NEW)["Location"].startswith("/accounts/login/")
    assert browser.put(NEW).status_code == 405


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"credit_code": "91110000710925243L"}, "The check character does not fit"),
        ({"site_headcounts": "12, viele"}, "Please give numbers only"),
        ({"headcount": 10, "site_headcounts": "8, 8"}, "more people than the organisation"),
        ({"agent_kind": "consultant"}, "Please name who helps"),
        ({"received_on": "2999-01-01"}, "This day has not come yet."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_typed_is_lost(officer, changes, sentence):
    answer = signed_in(officer).post(NEW, posted(note="请尽快回复", **changes))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert "请尽快回复" in text
    assert not Enquiry.objects.exists()


def test_a_page_sent_twice_enters_one_enquiry(officer):
    browser = signed_in(officer)
    sent = posted() | {"submission": "6f0d5b0e-0000-4000-8000-000000000001"}
    answers = {browser.post(NEW, sent)["Location"] for _time in range(2)}
    assert len(answers) == Enquiry.objects.count() == 1


def test_the_quote_is_worked_out_from_the_fee_table_of_today_and_can_be_repeated(officer):
    enquiry = quoted_enquiry(officer, headcount=100, site_headcounts="2", product_categories=2)
    row = enquiry.quotes.get()
    # 100 people: 8.5 days; an outlet of two people 0.36 more, a second category 0.5: 9.36 becomes 9.5
    assert (enquiry.state, row.person_days, row.total) == ("quoted", Decimal("9.5"), Decimal(33500))
    assert row.valid_until == clock.today() + timedelta(days=30)
    change_setting(key="fee_per_person_day", value=Decimal(9000), source="收费表", actor=make_user(Role.HEAD))
    assert priced(request_of(enquiry), tariff_of(row.tariff)).total == row.total
    text = signed_in(officer).get(f"{page(enquiry)}quotes/1/").content.decode()
    for sentence in (
        "this quote is indicative and binds neither side",
        "Product categories: 2, so 1 × 0.5 more: plus 0.5",
        "CNY 33,500.00",
        officer.person.name,
    ):
        assert sentence in text
    assert signed_in(officer).get(f"{page(enquiry)}quotes/2/").status_code == 404


def test_without_a_headcount_there_is_no_quote_but_for_a_change_of_data(officer):
    with pytest.raises(NotReady):
        quoted_enquiry(officer, headcount=None)
    enquiry = quoted_enquiry(officer, headcount=None, kind="data_change")
    assert enquiry.quotes.get().total == Decimal(500)


def test_a_later_quote_stands_beside_the_earlier_one(officer):
    enquiry = quoted_enquiry(officer)
    perform(EDIT, enquiry, actor=officer, values={"headcount": 90})
    perform(QUOTE, enquiry, actor=officer)
    assert list(enquiry.quotes.values_list("position", "total")) == [(2, Decimal(30500)), (1, Decimal(23000))]


def test_the_quote_is_mailed_by_an_explicit_press_only_and_holds_no_name(officer):
    enquiry = quoted_enquiry(officer)
    assert not Message.objects.exists()
    perform(MAIL_QUOTE, enquiry, actor=officer)
    message = Message.objects.get()
    assert (message.recipient, message.language) == (enquiry.contact_email, "zh-hans")
    assert enquiry.contact_name not in str(message.context)
    sweep()
    assert "23000.00" in mail.outbox[-1].body
    assert "/desk/" not in mail.outbox[-1].body
    assert enquiry.quotes.get().mailed_at is not None


def test_no_mail_leaves_without_an_address_or_after_the_last_day(officer):
    with pytest.raises(NotReady):
        perform(MAIL_QUOTE, quoted_enquiry(officer, contact_email=""), actor=officer)
    enquiry = quoted_enquiry(officer)
    with clock.at(clock.today() + timedelta(days=31)), pytest.raises(NotReady):
        perform(MAIL_QUOTE, enquiry, actor=officer)


def test_who_registers_and_applies_is_found_by_the_credit_code(officer, client_user):
    organisation = make_organisation(client_user)
    known = {"credit_code": organisation.credit_code, "owner": officer.person}
    enquiry = quoted_enquiry(officer, follow_up_on=clock.today(), **known)
    other = logged_enquiry(officer)
    application = begun_application(client_user, organisation)
    enquiry.refresh_from_db()
    other.refresh_from_db()
    assert (enquiry.state, enquiry.application, other.state) == ("applied", application, "logged")
    assert application.case.involvements.filter(person=officer.person, part=Part.SALES).exists()
    organisation.refresh_from_db()
    assert organisation.customer_service_owner == officer.person
    assert not Task.objects.filter(kind="enquiry.follow_up", closed_at=None).exists()
    assert application.case.reference in signed_in(officer).get(page(enquiry)).content.decode()


def test_an_application_is_named_by_hand_where_the_code_is_not_known(officer, client_user):
    application = begun_application(client_user)
    enquiry = logged_enquiry(officer)
    address = f"/steps/enquiry/{enquiry.pk}/link/"
    browser = signed_in(officer)
    assert browser.post(address, {"reference": "1999-0001"}).status_code == 422
    assert browser.post(address, {"reference": application.case.reference})["Location"] == page(enquiry)
    enquiry.refresh_from_db()
    assert enquiry.application == application
    with pytest.raises(WrongState):
        perform(LINK, enquiry, actor=officer, application=application)


def test_tasks_about_enquiries_say_which_organisation_asked_and_are_not_numbered(officer):
    for name in ("甲公司", "乙公司"):
        logged_enquiry(officer, organisation_name=name, follow_up_on=clock.today(), owner=officer.person)
    shown = signed_in(officer).get(reverse("desk")).content.decode()
    for enquiry in Enquiry.objects.all():
        assert f"{enquiry.organisation_name} {enquiry.reference}" in shown
    assert "(1 of 2)" not in shown


def test_the_day_to_follow_up_is_a_task_of_its_owner_and_moves_with_the_enquiry(officer):
    day = clock.today() + timedelta(days=5)
    enquiry = logged_enquiry(officer, follow_up_on=day)
    task = Task.objects.get(kind="enquiry.follow_up")
    assert (task.role, task.due_on, task.path) == (Role.CONTRACTS, day, page(enquiry))
    later = {"owner": officer.person, "follow_up_on": day + timedelta(days=2)}
    perform(EDIT, enquiry, actor=officer, values=later)
    task = Task.objects.get(kind="enquiry.follow_up", closed_at=None)
    assert (task.person, task.due_on) == (officer.person, day + timedelta(days=2))
    perform(CLOSE, enquiry, actor=officer, reason="没有需求")
    assert not Task.objects.filter(kind="enquiry.follow_up", closed_at=None).exists()


def test_two_who_edit_at_once_lose_nothing(officer, reviewer):
    enquiry = logged_enquiry(officer)
    address = f"/steps/enquiry/{enquiry.pk}/edit/"
    first, second = signed_in(officer), signed_in(reviewer)
    seen = second.get(address).context["form"].fields["seen"].initial
    assert first.post(address, posted(note="电话已回") | {"seen": seen}).status_code == 302
    answer = second.post(address, posted(note="需要报价") | {"seen": seen})
    assert answer.status_code == 409
    assert "电话已回" in answer.content.decode()
    assert "需要报价" in answer.content.decode()
    enquiry.refresh_from_db()
    assert enquiry.note == "电话已回"


def test_a_closed_enquiry_has_its_reason_and_stands_still(officer):
    enquiry = quoted_enquiry(officer)
    perform(CLOSE, enquiry, actor=officer, reason="没有预算")
    assert "没有预算" in signed_in(officer).get(page(enquiry)).content.decode()
    for step, data in ((EDIT, {"values": {}}), (QUOTE, {}), (MAIL_QUOTE, {})):
        with pytest.raises(WrongState):
            perform(step, enquiry, actor=officer, **data)


@pytest.mark.parametrize("role", [Role.HEAD, Role.FINANCE, Role.PLANNER, Role.INSPECTOR])
def test_only_the_market_department_enters_enquiries(role):
    with pytest.raises(NotAllowed):
        perform(LOG, Enquiry(), actor=make_user(role), values=enquiry_values())


def test_contacts_are_read_by_nobody_else(officer, client_user, auditor, client):
    enquiry = quoted_enquiry(officer)
    for address in (LIST, page(enquiry), f"{page(enquiry)}quotes/1/"):
        assert signed_in(officer).get(address).status_code == 200
        assert signed_in(officer).post(address).status_code == 405
        assert signed_in(auditor).get(address).status_code == 403
        assert signed_in(client_user).get(address).status_code == 404
        assert client.get(address).status_code == 302
    assert signed_in(auditor).get(f"/steps/enquiry/{enquiry.pk}/edit/").status_code == 404


@pytest.mark.parametrize("change", [{"state": "closed"}, {"state": "applied"}, {"product_categories": 0}])
def test_the_database_refuses_half_an_end(officer, change):
    enquiry = logged_enquiry(officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enquiry.objects.filter(pk=enquiry.pk).update(**change)


def test_an_indicative_quote_has_no_line_for_training_either(officer):
    row = quoted_enquiry(officer).quotes.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        IndicativeQuoteLine.objects.filter(quote=row, key="annual").update(key="training")


def test_unknown_fields_are_a_fault_of_the_program():
    with pytest.raises(ValueError, match="not fields of an enquiry"):
        perform(EDIT, logged_enquiry(), actor=make_user(Role.CONTRACTS), values={"state": "applied"})
    assert set(enquiry_values()) == set(FIELDS)


def test_the_list_asks_the_same_number_of_queries_for_one_and_for_three(officer):
    browser, asked = signed_in(officer), []
    for more in (1, 2):
        for _number in range(more):
            logged_enquiry(officer, owner=officer.person)
        with CaptureQueriesContext(connection) as queries:
            browser.get(LIST)
        asked.append(len(queries))
    assert asked == [QUERIES_OF_THE_LIST, QUERIES_OF_THE_LIST]
