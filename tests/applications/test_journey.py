"""The client's way through the application in a real browser."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from applications.models import Application
from certbody.accounts.models import User
from tests.applications.conftest import signed_in
from tests.road.applications import begun_application, complete_application
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]


def sign_in(page: Page, live_server, user: User) -> None:
    cookie = signed_in(user).cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])


def test_what_is_typed_is_saved_by_itself_and_is_there_after_a_reload(page, live_server):
    user = make_user(email="client@clients.example")
    application = begun_application(user)
    sign_in(page, live_server, user)
    address = f"/portal/applications/{application.case.reference}/scope/"
    page.goto(address)
    page.locator("#id_scope").fill("家用电器销售及售后服务")
    line = page.locator("[data-autosave-status]")
    expect(line).to_have_attribute("data-state", "saved")
    expect(line).to_have_text(re.compile(r"\d\d:\d\d"))
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("#id_scope").fill("家用电器销售、安装、维修")
    expect(line).to_have_attribute("data-state", "saved")
    page.reload()
    expect(page.locator("#id_scope")).to_have_value("家用电器销售、安装、维修")
    assert Application.objects.get().scope == "家用电器销售、安装、维修"


def test_what_was_typed_before_the_scripts_came_is_saved_too(page, live_server):
    user = make_user()
    application = begun_application(user)
    sign_in(page, live_server, user)

    def type_first(route: Route) -> None:
        page.locator("#id_scope").fill("家用电器销售及售后服务")
        route.continue_()

    page.route("**/certbody/app*.js", type_first)
    page.goto(f"/portal/applications/{application.case.reference}/scope/")
    expect(page.locator("[data-autosave-status]")).to_have_attribute("data-state", "saved")
    assert Application.objects.get().scope == "家用电器销售及售后服务"


def test_a_fault_appears_at_its_field_while_typing_and_goes_when_mended(page, live_server):
    user = make_user()
    application = begun_application(user)
    sign_in(page, live_server, user)
    page.goto(f"/portal/applications/{application.case.reference}/organisation/")
    fault = page.locator("#fault-service_management_headcount")
    line = page.locator("[data-autosave-status]")
    page.locator("#id_service_management_headcount").fill("5000")
    expect(fault).not_to_be_empty()
    page.locator("#id_service_management_headcount").fill("5")
    expect(fault).to_be_empty()
    expect(line).to_have_attribute("data-state", "saved")
    assert page.locator("#id_service_management_headcount").get_attribute("aria-invalid") != "true"


def test_a_page_that_somebody_else_overtook_says_so_and_keeps_what_was_typed(page, live_server):
    user = make_user()
    application = begun_application(user)
    sign_in(page, live_server, user)
    address = f"/portal/applications/{application.case.reference}/scope/"
    page.goto(address)
    signed_in(user).post(address, {"scope": "他们的"}, headers={"X-Autosave": "1"})
    page.locator("#id_scope").fill("我的")
    expect(page.locator("#conflict [data-differences]")).to_contain_text("他们的")
    line = page.locator("[data-autosave-status]")
    expect(line).to_have_attribute("data-state", "failed")
    expect(page.locator("#id_scope")).to_have_value("我的")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.locator("#id_scope").fill("我的，更多")
    page.wait_for_timeout(1200)  # longer than a page waits before it saves what is typed
    assert sent == []
    assert Application.objects.get().scope == "他们的"
    page.locator("#section-form button.btn-primary").click()
    page.wait_for_url("**/sites/")
    assert Application.objects.get().scope == "我的，更多"


def test_a_press_while_the_page_saves_by_itself_is_no_conflict_with_itself(page, live_server):
    user = make_user()
    application = begun_application(user)
    sign_in(page, live_server, user)
    address = f"/portal/applications/{application.case.reference}/scope/"
    page.goto(address)
    saved = []

    def press_before_the_answer(route: Route) -> None:
        answer = route.fetch()
        saved.append(answer.status)
        page.locator("#id_scope").fill("家用电器销售")
        page.locator("#section-form button.btn-primary").click(no_wait_after=True)
        route.fulfill(response=answer)

    page.route(f"**{address}", press_before_the_answer, times=1)
    page.locator("#id_scope").fill("家用电器")
    page.wait_for_url("**/sites/")
    assert saved == [200]
    assert Application.objects.get().scope == "家用电器销售"


def test_a_complete_application_is_submitted_with_two_presses(page, live_server):
    user = make_user()
    application = complete_application(user)
    sign_in(page, live_server, user)
    page.goto(f"/portal/applications/{application.case.reference}/check/")
    page.locator(f"a[href='/steps/application/{application.pk}/submit/']").click()
    page.locator("form[data-submit-once] button.btn-primary").click()
    page.wait_for_url(f"**/portal/applications/{application.case.reference}/")
    application.refresh_from_db()
    assert application.state == "submitted"
