"""From the first page of a client to the signed contract: three sites, a transfer, a decline, intangible goods."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as product
from django.core import mail
from playwright.sync_api import expect

from applications.models import Application, Contract
from applications.queries import documents_in_force
from applications.queries.documents import Situation
from certbody import clock
from certbody.accounts.models import GoodsTrade
from certbody.outbox.sweeper import sweep
from certbody.scheme.dates import months_later
from certbody.scheme.load import shipped
from certbody.scheme.model import Goods
from certificates.demo.people import account
from tests.files.making import MEGABYTE, picture
from tests.journeys.browsing import desk_first, enter, phone_first
from tests.journeys.conftest import Door
from tests.journeys.files_at_hand import SCHEME, licence, photograph, screenshot
from tests.journeys.front_office import Applicant, ContractOfficer, ReviewingOfficer, of_site
from tests.journeys.people_at_work import DOCUMENTS, link_in_mail_to
from tests.road.applications import (
    application_values,
    complete,
    make_organisation,
    organisation_values,
    review_all,
    site_values,
    submitted_application,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("staff")]

UPLOADS = 20
GROWTH = "福田分公司自下月起增加四十人，负责上门安装。"


@pytest.mark.journey(seconds=90)
def test_three_sites_apply_are_asked_once_and_amend_their_contract_as_they_grow(
    open_door: Door, tmp_path: Path
) -> None:
    client = Applicant(open_door(phone_first()))
    application = apply_with_three_sites(client)
    hand_in_twenty_files(client, tmp_path)
    assert documents_in_force(application).count() == UPLOADS
    client.sees_all_of_the_width()
    client.submits()
    client.sees_all_of_the_width()

    reviewer = enter(open_door(), "reviewer", ReviewingOfficer)
    return_once(reviewer)
    sweep()
    assert "/questions/" in link_in_mail_to(client.email)
    answer(client, application)
    read_what_changed(reviewer)
    reviewer.records_the_rest()
    reviewer.takes("accept")

    officer = enter(open_door(), "contracts", ContractOfficer)
    first = quote(officer, application)
    sweep()  # prints the document
    client.signs_after_proving_who_it_is(first.number)
    assert states(application) == ["accepted"]
    grow(client, officer, application)
    review_the_growth(reviewer)
    amend(officer, client, first)
    assert states(application) == ["superseded", "accepted"]


def apply_with_three_sites(client: Applicant) -> Application:
    values = application_values()
    client.signs_up()
    client.registers_organisation(**organisation_values(headcount=90, service_management_headcount=14))
    application = client.begins_application()
    client.fills_section("organisation", agent_kind="none")
    client.opens_section("sites")
    head = site_values({"headcount": 60, "service_management_headcount": 9, "managers_trained": 1})
    client.completes_head_office(**head)
    client.adds_site(
        kind="branch", **of_site("福田分公司", "Futian branch", place="福田区福民路", headcount=20,
        service_management_headcount=3, managers_trained=1),
    )  # fmt: skip
    client.adds_site(
        kind="outlet", **of_site("龙岗网点", "Longgang outlet", place="龙岗区龙翔路", headcount=10,
        service_management_headcount=2, managers_trained=0),
    )  # fmt: skip
    client.sees_all_of_the_width()
    together = client.main.locator(".cb-totals tbody tr").last
    for figure in ("3", "90", "14", "2"):
        expect(together.locator("td", has_text=figure).first).to_be_visible()
    client.takes_over_the_sums()
    application.refresh_from_db()
    sums = (application.headcount, application.service_management_headcount, application.managers_trained)
    assert sums == (90, 14, 2)
    client.fills_section(
        "scope", **{name: values[name] for name in ("scope", "scope_en", "goods", "product_categories")}
    )
    client.fills_section(
        "prerequisites",
        system_running_since=values["system_running_since"].isoformat(),
        person_in_charge=values["person_in_charge"],
        funds_note=values["funds_note"],
        no_serious_fault="true",
        operates_lawfully="true",
        pays_fees_itself="true",
    )
    return application


def hand_in_twenty_files(client: Applicant, tmp_path: Path) -> None:
    """What is always needed, a proof for each further site, permits, records, awards and pages in several pictures."""
    client.opens_section("documents")
    plan = tmp_path / "outlets.png"
    plan.write_bytes(picture("PNG") + bytes(MEGABYTE + 1000))
    client.loses_the_connection_on("outlets", plan)
    first = client.goes_on_with("outlets", plan)
    assert first.endswith(f"offset={MEGABYTE}"), "what had arrived was sent again"
    client.uploads("legal_status", licence())
    for site in ("福田分公司", "龙岗网点"):
        client.uploads_for_site("sites", site, photograph(site))
    until = months_later(clock.today(), 24).isoformat()
    client.uploads("permits", screenshot("permit"), expires_on=until)
    client.uploads("records", screenshot("records"))
    client.uploads("products", *(photograph(f"product-{number}") for number in (1, 2)))
    client.uploads("other_certs", photograph("award"))
    done = {"outlets", "legal_status", "products"}
    for kind in DOCUMENTS:
        if kind.key not in done:
            client.uploads(kind.key, screenshot(kind.key))


def return_once(reviewer: ReviewingOfficer) -> None:
    reviewer.records_every_item(scope="申请范围是否包括上门维修？")
    reviewer.asks_again_for("manual.png", reason="unreadable", remark="第三页无法辨认，请重新扫描。")
    reviewer.cannot_take("accept")
    reviewer.takes("ask", reason_scope="contradictory")


def answer(client: Applicant, application: Application) -> None:
    client.goes_to(f"/portal/applications/{application.case.reference}/")
    client.sees_all_of_the_width()
    client.replaces_what_is_asked_again(photograph("manual-2"), remark="第三页无法辨认")
    client.answers_questions("包括，由自有网点承担。")


def read_what_changed(reviewer: ReviewingOfficer) -> None:
    reviewer.opens_task("/desk/applications/")
    papers = reviewer.changes("#papers")
    expect(papers.locator("del")).to_contain_text("manual.png")
    expect(papers.locator("ins")).to_contain_text("manual-2.jpg")
    expect(reviewer.changes("#answers-scope")).to_contain_text("包括，由自有网点承担。")


def quote(officer: ContractOfficer, application: Application) -> Contract:
    officer.makes_quote()
    officer.takes("revise", adjustment="-0.5", code="known", reason="两网点流程相同")
    contract = application.contracts.get()
    assert contract.person_days == contract.table_days - contract.adjustment.copy_abs()
    assert not contract.waits_for_approval
    expect(officer.main.locator(".cb-arithmetic")).to_contain_text("两网点流程相同")
    officer.takes("offer")
    return contract


def grow(client: Applicant, officer: ContractOfficer, application: Application) -> None:
    """The client tells of more people at a branch; the officer opens the application for exactly that."""
    client.tells_of_more_people(application.case.reference, GROWTH)
    client.sees_all_of_the_width()
    officer.opens_task("/desk/applications/")
    expect(officer.main.locator("#reported")).to_contain_text(GROWTH)
    officer.takes("take_up_change")
    sweep()
    client.goes_to(link_in_mail_to(client.email).removeprefix(product.CERTBODY_URL))
    expect(client.main.locator("#reported")).to_contain_text(GROWTH)
    expect(client.page.locator(".cb-steps a[href$='/scope/']")).to_have_count(0)  # nothing was said of it
    client.opens_section("sites")
    client.changes_site("福田分公司", headcount=60)
    client.takes_over_the_sums()
    client.sees_all_of_the_width()
    assert states(application) == ["accepted"], "the contract binds while the application is changed"
    client.opens_section("check")
    client.takes("resubmit")


def review_the_growth(reviewer: ReviewingOfficer) -> None:
    reviewer.opens_task("/desk/applications/")
    expect(reviewer.main).to_contain_text(GROWTH)
    headcount = reviewer.changes("#answers-organisation").locator("tr", has_text="90").first
    expect(headcount.locator("ins")).to_have_text("130")
    reviewer.records_the_rest()
    reviewer.takes("accept")


def amend(officer: ContractOfficer, client: Applicant, first: Contract) -> None:
    """The quote of the new figures is the amendment; the old contract binds until the client has signed it."""
    officer.makes_quote()
    later = first.amendments.get()
    assert (later.headcount, later.adjustment) == (130, first.adjustment)
    assert later.person_days > first.person_days
    officer.takes("offer")
    sweep()
    client.goes_to(f"/portal/contracts/{later.number}/")
    expect(client.main).to_contain_text(first.number)
    expect(client.main).to_contain_text(GROWTH)
    client.sees_all_of_the_width()
    assert states(first.application) == ["accepted", "offered"]
    client.signs_after_proving_who_it_is(later.number)


def states(application: Application) -> list[str]:
    return list(application.contracts.order_by("pk").values_list("state", flat=True))


@pytest.mark.journey(seconds=20)
def test_a_transfer_needs_a_certificate_that_is_valid_and_not_suspended(open_door: Door) -> None:
    owner = account("client")
    make_organisation(owner)
    client = enter(open_door(desk_first()), "client", Applicant)
    client.chooses_kind("transfer")
    application = Application.objects.get()
    today = clock.today()
    client.fills_section(
        "transfer",
        issuer="华信示范认证有限公司",
        issuer_approval="CNCA-R-2020-999",
        number="HX25SC00001R1",
        grade="star3",
        issued_on=(today - timedelta(days=400)).isoformat(),
        expires_on=(today + timedelta(days=600)).isoformat(),
        declared_state="suspended",
        last_audit_on=(today - timedelta(days=50)).isoformat(),
        has_open_findings="false",
        reason="集团统一认证机构",
    )
    complete(application, owner)
    client.opens_section("documents")
    client.uploads("transferred_certificate", screenshot("certificate"))
    client.uploads("last_audit_reports", licence())

    client.opens_section("check")
    client.cannot_take("submit")
    expect(client.main.locator("#missing li")).to_have_count(1)  # nothing but the gate is in the way
    client.opens_section("transfer")
    expect(client.main.locator("form[action$='/become-initial/'] button")).to_be_visible()
    client.fills_section("transfer", declared_state="valid")
    client.opens_section("check")
    expect(client.main.locator("form[action$='/become-initial/']")).to_have_count(0)
    client.takes("submit")

    application.refresh_from_db()
    review_all(application, account("reviewer"))
    application.review_items.filter(key__startswith="transfer_").delete()
    reviewer = enter(open_door(), "reviewer", ReviewingOfficer)
    reviewer.opens_task("/desk/applications/")
    expect(reviewer.main.locator("#facts")).to_contain_text("HX25SC00001R1")
    reviewer.cannot_take("accept")
    reviewer.records_the_rest()
    reviewer.takes("accept")
    application.refresh_from_db()
    assert (application.kind, application.state) == ("transfer", "accepted")
    assert application.review_items.get(key="transfer_certificate").file is not None


@pytest.mark.journey(seconds=10)
def test_whoever_is_declined_reads_why_and_how_long_an_appeal_is_possible(open_door: Door) -> None:
    application = submitted_application(account("client"))
    reviewer = enter(open_door(), "reviewer", ReviewingOfficer)
    reviewer.opens_task("/desk/applications/")
    reason = "维修电梯不在本机构批准的业务范围内。"
    reviewer.takes("decline", code="outside_fields", reason=reason)
    sweep()
    letter = next(one for one in reversed(mail.outbox) if one.to == [account("client").email])
    last_day = application.declination.appeal_until
    assert last_day > clock.today()
    client = enter(open_door(phone_first()), "client", Applicant)
    client.goes_to(link_in_mail_to(account("client").email).removeprefix(product.CERTBODY_URL))
    office = client.main.locator("a[href^='mailto:']").first
    address = str(office.get_attribute("href")).removeprefix("mailto:")
    expect(client.main).to_contain_text(reason)
    expect(client.main).to_contain_text(last_day.isoformat())
    expect(office).to_be_visible()
    client.sees_all_of_the_width()
    for fact in (reason, last_day.isoformat(), address, application.case.reference):
        assert fact in str(letter.body)
    client.cannot_take("resubmit")
    client.goes_to("/portal/")
    expect(client.main.locator("form[action$='/apply/'] button")).to_be_visible()  # a new one can be begun


@pytest.mark.journey(seconds=20)
def test_a_service_company_is_asked_for_what_its_trade_has(open_door: Door) -> None:
    owner = account("client")
    make_organisation(
        owner, name="深圳云启软件服务有限公司", name_en="Shenzhen Yunqi Software Services Co., Ltd."
    )
    client = enter(open_door(desk_first()), "client", Applicant)
    client.chooses_kind("initial")
    application = Application.objects.get()
    values = application_values() | {"goods": GoodsTrade.INTANGIBLE.value, "scope": "软件运行维护服务"}
    client.fills_section("organisation", headcount=40, service_management_headcount=6, managers_trained=1)
    client.opens_section("exclusions")
    expect(client.main.locator("[data-clause]")).to_have_count(0)  # nobody knows yet what the goods are
    client.fills_section(
        "scope", **{name: values[name] for name in ("scope", "scope_en", "goods", "product_categories")}
    )
    client.opens_section("exclusions")
    offered = client.main.locator("[data-clause]").evaluate_all("all => all.map(one => one.dataset.clause)")
    assert offered == clauses_to_leave_out(Goods.INTANGIBLE)
    assert {"5.2.1.1", "5.2.5.3"} <= set(offered) - set(clauses_to_leave_out(Goods.TANGIBLE))
    reasons = {"5.2.1.1": "软件在线交付，没有包装。", "5.2.6.1": "不销售实物商品。"}
    client.fills_section("exclusions", **{f"clause_{key.replace('.', '_')}": reasons[key] for key in reasons})
    client.opens_section("documents")
    groups = client.main.locator(".cb-checklist-group h2")
    assert groups.evaluate_all("all => all.map(one => one.id)") == [
        f"group-{one.value}"
        for one in (Situation.ALWAYS, Situation.IF_MULTI_SITE, Situation.IF_APPLICABLE, Situation.BEFORE_STAGE2,
                    Situation.OPTIONAL)
    ]  # fmt: skip
    client.uploads("service_flow", screenshot("service-flow"))
    complete(application, owner, goods=GoodsTrade.INTANGIBLE.value, scope=values["scope"])
    client.submits()

    reviewer = enter(open_door(), "reviewer", ReviewingOfficer)
    application.refresh_from_db()
    review_all(application, account("reviewer"))
    application.review_items.filter(key="exclusions").delete()
    reviewer.opens_task("/desk/applications/")
    for reason in reasons.values():
        expect(reviewer.main.locator("#answers-exclusions")).to_contain_text(reason)
    reviewer.records_the_rest()
    reviewer.takes("accept")
    application.refresh_from_db()
    assert (application.state, application.goods) == ("accepted", "intangible")


def clauses_to_leave_out(goods: Goods) -> list[str]:
    return [clause.id for clause in shipped(SCHEME).clauses if clause.is_excludable_for(goods)]
