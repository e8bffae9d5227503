"""Five special deductions fail a good score: a refusal is voted, signed and told, and the register knows nothing."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from certbody.cases.models import Case
from certbody.outbox.sweeper import sweep
from certbody.pdf.read import text_of
from certificates.demo.cast import first_day, in_stage2
from certificates.demo.companies import COMPANIES
from certificates.demo.loading import tell
from certificates.demo.people import HOST
from certificates.demo.road import Road
from certificates.models import Certificate, Decision
from tests.journeys.browsing import Visitor, enter
from tests.journeys.conftest import PHONE, TABLET, Door
from tests.journeys.people_at_work import Auditor, Client, Member, Secretary, link_in_mail_to

pytestmark = [pytest.mark.journey(seconds=40), pytest.mark.django_db(transaction=True)]

COMPANY = COMPANIES[0]
SPECIALS = 5
REASON = "特别扣分达到五项，评价不通过。"


@pytest.mark.usefixtures("staff")
def test_five_special_deductions_end_in_a_signed_refusal(open_door: Door) -> None:
    tell(COMPANY, first_day(60), marked_with_four_stars)
    client = enter(open_door(), "client", Client)
    lead = enter(open_door(TABLET), "lead", Auditor)
    deduct_and_close(lead)
    answer_and_verify(client, lead)
    report(lead, enter(open_door(), "quality", Visitor))
    secretary = enter(open_door(), "secretary", Secretary)
    secretary.opens_panel("refuse", REASON, "杨振华", "朱琳", "秦峰")
    for name in ("chair", "member1", "member2"):
        enter(open_door(PHONE), name, Member).votes("for", "同意不予认证。")
    secretary.closes_panel()
    head = enter(open_door(), "head", Visitor)
    head.opens_task("/desk/decisions/")
    head.takes("sign")
    sweep()
    read_the_letter(client)
    issue_nothing(enter(open_door(), "certificates", Visitor))
    find_nothing(Visitor(open_door(PHONE)))
    decision = Decision.objects.get()
    assert (decision.outcome, decision.state, decision.grade) == ("refuse", "signed", "")
    assert list(decision.report.audit.findings.values_list("state", flat=True)) == ["verified"] * SPECIALS


def marked_with_four_stars(road: Road) -> None:
    in_stage2(road)
    road.score("star4")


def deduct_and_close(lead: Auditor) -> None:
    lead.opens_task("/sheet/")
    for number in range(1, SPECIALS + 1):
        lead.deducts_specially("own_rules", f"第 {number} 份抽查工单的上门时间超过服务承诺。")
    lead.disposes_of_concern("现场核实，账物相符。")
    lead.takes("close_sheet")
    lead.opens_tab("report")
    expect(lead.main.locator("dd", has_text=re.compile(rf"^\s*{SPECIALS}\s*$"))).to_have_count(1)


def answer_and_verify(client: Client, lead: Auditor) -> None:
    for _finding in range(SPECIALS):
        client.answers_finding()
    lead.opens_tab("findings")
    for _finding in range(SPECIALS):
        lead.takes("verify", note="已核实回访记录。")


def report(lead: Auditor, reviewer: Visitor) -> None:
    lead.opens_task("/report/")
    lead.writes_report("特别扣分五项。")
    lead.takes("sign_off")
    sweep()
    reviewer.opens_task("/report/")
    reviewer.takes("release", recommendation="refuse", text="特别扣分达到五项。")


def read_the_letter(client: Client) -> None:
    """The mail leads to the case; its letter names the organisation and the reasons."""
    client.goes_to(link_in_mail_to(f"client@{HOST}").removeprefix(settings.CERTBODY_URL))
    client.goes_to(f"/portal/cases/{Case.objects.get().reference}/")
    with client.page.expect_download() as file:
        client.main.locator("a[href*='/files/']").last.click()
    text = "".join(text_of(Path(file.value.path()).read_bytes()).split())
    assert COMPANY.name in text
    assert REASON in text
    client.goes_to("/portal/certificates/")
    expect(client.main.locator("a[href*='/portal/certificates/']")).to_have_count(0)


def issue_nothing(officer: Visitor) -> None:
    officer.goes_to("/desk/decisions/")
    officer.presses(officer.main.locator("tbody a[href*='/desk/decisions/']").first)
    expect(officer.main.locator("form[action$='/issue/']")).to_have_count(0)
    assert not Certificate.objects.exists()


def find_nothing(public: Visitor) -> None:
    public.goes_to("/register/")
    public.main.locator("[name=q]").fill(COMPANY.name)
    public.main.locator("[name=q]").press("Enter")
    expect(public.main.locator(".cb-empty")).to_be_visible()
    found = public.page.request.get("/api/v1/certificates", params={"q": COMPANY.name}).json()
    assert found["results"] == []
