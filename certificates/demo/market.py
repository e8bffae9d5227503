"""The market department of the demo body: enquiries, a time cut that waits for a second person, an amendment."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from applications.catalogue.sections import Section
from applications.models import Enquiry, ReportedChange
from applications.states import ReportedFact
from certbody import clock
from certificates.demo.applying import ApplicationRoad, take
from certificates.demo.people import account

_EMPTY: dict[str, Any] = {
    "credit_code": "",
    "contact_name": "",
    "contact_phone": "",
    "contact_email": "",
    "headcount": None,
    "site_headcounts": "",
    "product_categories": 1,
    "agent_kind": "none",
    "agent_name": "",
    "owner": None,
    "note": "",
    "follow_up_on": None,
}
# days ago, what is known, and how far it came
ENQUIRIES: tuple[tuple[int, dict[str, Any], str], ...] = (
    (
        2,
        {
            "organisation_name": "青岛海岚厨房电器有限公司",
            "contact_name": "孙丽",
            "contact_phone": "0532-00000001",
            "channel": "phone",
            "kind": "initial",
            "note": "希望今年内取得证书",
        },
        "logged",
    ),
    (
        6,
        {
            "organisation_name": "苏州联创净水设备有限公司",
            "contact_name": "周航",
            "contact_email": "zhouhang@clients.example",
            "channel": "mail",
            "kind": "initial",
            "headcount": 120,
            "site_headcounts": "12, 8, 3",
            "product_categories": 3,
            "agent_kind": "consultant",
            "agent_name": "苏州标杆企业管理咨询有限公司",
        },
        "quoted",
    ),
    (
        20,
        {
            "organisation_name": "厦门鹭泰健身器材有限公司",
            "channel": "event",
            "kind": "transfer",
            "headcount": 65,
        },
        "closed",
    ),
)


def enquire() -> None:
    """Enter the enquiries, each on its day."""
    officer = account("contracts")
    for days_ago, known, state in ENQUIRIES:
        day = clock.today() - timedelta(days=days_ago)
        values = {**_EMPTY, "owner": officer.person, "received_on": day, **known}
        values["follow_up_on"] = None if state == "closed" else clock.today() + timedelta(days=3)
        with clock.at(day):
            enquiry = take("enquiry.log", Enquiry(), actor=officer, values=values)
            if state == "quoted":
                take("enquiry.quote", enquiry, actor=officer)
            if state == "closed":
                take("enquiry.close", enquiry, actor=officer, reason="选择了其他认证机构")


def cut(road: ApplicationRoad) -> None:
    """The contract officer takes off more than he may alone: the head or the quality manager is asked."""
    with road.on(1):
        road.contract = take(
            "contract.revise",
            road.contract,
            actor=account("contracts"),
            adjustment=Decimal(-2),
            code="combined",
            reason="与质量管理体系审核同时进行，部分文件已审查",
        )


def tell_of_more_people(road: ApplicationRoad) -> None:
    """The client tells that its headcount has grown since the application was accepted."""
    with road.on(2):
        road.application = take(
            "application.tell_change",
            road.application,
            actor=road.owner,
            about=[ReportedFact.HEADCOUNT],
            description="总部自本月起增加六十名上门安装人员。",
        )


def grow(road: ApplicationRoad) -> None:
    """The contract officer opens the application; the client changes its headcount and sends it again."""
    tell_of_more_people(road)
    with road.on(1):
        report = ReportedChange.objects.get(application=road.application)
        road.application = take(
            "application.take_up_change", road.application, actor=account("contracts"), report=report.pk
        )
    with road.on(2):
        headcount = road.organisation.headcount + 60
        site = road.application.sites.get(is_head_office=True)
        road.save(Section.ORGANISATION, headcount=headcount)
        values = {"headcount": headcount}
        take("application.save_site", road.application, actor=road.owner, site=site.pk, values=values)
        road.application = take("application.resubmit", road.application, actor=road.owner)
