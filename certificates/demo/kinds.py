"""Further applications of the demo: changes, a higher grade, a recertification and transfers, as far as each goes."""

from datetime import timedelta
from typing import Any

from applications.catalogue.sections import Section
from applications.services.organisations import create_organisation
from applications.states import Agent, ApplicationKind, DeclaredState, ScopeEffect, SiteKind, WishedGrade
from certbody import clock
from certbody.accounts.models import Organisation, User
from certificates.demo.applying import take
from certificates.demo.cast import certified, first_day
from certificates.demo.companies import COMPANIES, Company
from certificates.demo.people import Account, make_account
from certificates.demo.road import Road

CITY = ("佛山市顺德区", "Shunde, Foshan")
RENEWING = Company(
    41,
    "佛山岭南热水器有限公司",
    "Foshan Lingnan Water Heaters Co., Ltd.",
    *CITY,
    "热水器",
    "water heaters",
    64,
)
COMING = Company(
    42,
    "无锡太湖电机有限公司",
    "Wuxi Taihu Motors Co., Ltd.",
    "无锡市滨湖区",
    "Binhu, Wuxi",
    "电机",
    "motors",
    58,
)
BARRED = Company(
    43,
    "珠海香洲打印机有限公司",
    "Zhuhai Xiangzhou Printers Co., Ltd.",
    "珠海市香洲区",
    "Xiangzhou, Zhuhai",
    "打印机",
    "printers",
    37,
)
DECLARATIONS = {"no_serious_fault": True, "operates_lawfully": True, "pays_fees_itself": True}


def tell_kinds() -> None:
    """Companies 4, 5 and 8 of the cast hold a certificate; three more join for the other stories."""
    _name_changed(_going_on(COMPANIES[7], days_ago=20))
    _wants_a_higher_grade(_going_on(COMPANIES[3], days_ago=8))
    _widens_its_scope(_going_on(COMPANIES[4], days_ago=2))
    _renews(_joining(RENEWING, days_ago=1110))
    _transfers(_joining(COMING, days_ago=6))
    _cannot_transfer(_joining(BARRED, days_ago=2))


def _going_on(company: Company, *, days_ago: int) -> Road:
    organisation = Organisation.objects.get(credit_code=company.credit_code)
    owner = User.objects.get(person__memberships__organisation=organisation)
    return Road(company=company, organisation=organisation, owner=owner, day=first_day(days_ago))


def _joining(company: Company, *, days_ago: int) -> Road:
    day = first_day(days_ago)
    account = Account(f"owner{company.number}", f"联系人{company.number}", f"Contact {company.number}")
    owner = make_account(account, day)
    with clock.at(day):
        organisation = create_organisation(actor=owner, values=company.facts())
    return Road(company=company, organisation=organisation, owner=owner, day=day)


def _name_changed(road: Road) -> None:
    """Accepted: the certificate shows the present name until its new edition."""
    road.begin(ApplicationKind.DATA_CHANGE)
    with road.on(1):
        road.save(
            Section.CHANGE,
            name="南京金陵智能电梯有限公司",
            name_en="Nanjing Jinling Smart Elevators Co., Ltd.",
            changed_on=road.day - timedelta(days=15),
            reason="公司更名，经营地址不变。",
        )
        road.attach_documents()
    road.submit()
    road.accept()


def _wants_a_higher_grade(road: Road) -> None:
    road.begin(ApplicationKind.UPGRADE)
    with road.on(1):
        road.save(
            Section.CHANGE, grade=WishedGrade.STAR4, reason="增设两处服务中心，全面升级客户关系管理系统。"
        )
        road.save(Section.ORGANISATION, agent_kind=Agent.CONSULTANT, agent_name="苏州方圆管理咨询有限公司")
        road.save(Section.PREREQUISITES, **DECLARATIONS)
        road.attach_documents()
    road.submit()


def _widens_its_scope(road: Road) -> None:
    """A draft: the wished scope is typed, the documents are still missing."""
    road.begin(ApplicationKind.SCOPE_CHANGE)
    with road.on(1):
        road.save(Section.CHANGE, scope_effect=ScopeEffect.EXTENDED, reason="新增智能家居照明产品线。")
        road.save(
            Section.SCOPE,
            scope=f"{road.company.trade}及智能家居照明系统的销售、配送、安装和维修服务",
            scope_en="Sale, delivery, installation and repair of lighting products and smart home lighting systems",
            product_categories=2,
        )


def _renews(road: Road) -> None:
    """Certified three years ago; the application for the next cycle came back with a question."""
    certified("star4")(road)
    road.day = first_day(75)
    road.begin(ApplicationKind.RECERTIFICATION)
    with road.on(3):
        road.save(Section.ORGANISATION, agent_kind=Agent.NONE)
        road.save(Section.PREREQUISITES, **DECLARATIONS)
        road.attach_documents()
    road.submit()
    road.ask()


def _certificate_of_another_body(road: Road, **changes: Any) -> None:
    values: dict[str, Any] = {
        "issuer": "华信示范认证有限公司",
        "issuer_approval": "CNCA-R-2020-999",
        "number": f"HX25SC{road.company.number:05}R1",
        "grade": WishedGrade.STAR3,
        "issued_on": road.day - timedelta(days=420),
        "expires_on": road.day + timedelta(days=675),
        "declared_state": DeclaredState.VALID,
        "last_audit_on": road.day - timedelta(days=70),
        "has_open_findings": True,
        "reason": "集团统一认证机构。",
    }
    road.save(Section.TRANSFER, **values | changes)


def _transfers(road: Road) -> None:
    road.begin(ApplicationKind.TRANSFER)
    with road.on():
        _certificate_of_another_body(road)
    road.complete()
    road.submit()


def _cannot_transfer(road: Road) -> None:
    """A draft whose certificate is suspended: the page offers to go on as an initial certification.

    Its three sites carry figures whose sums are others than those of the organisation.
    """
    road.begin(ApplicationKind.TRANSFER)
    with road.on():
        _certificate_of_another_body(road, declared_state=DeclaredState.SUSPENDED)
        head = road.application.sites.get() if road.application else None
        _site(road, site=head.pk if head else None, headcount=25, service_management_headcount=5)
        for name, address, kind in (
            ("中山分公司", "广东省中山市兴业路8号", SiteKind.BRANCH),
            ("江门服务网点", "广东省江门市兴业路9号", SiteKind.OUTLET),
        ):
            figures = {"headcount": 9, "service_management_headcount": 3}
            _site(road, name=name, address=address, kind=kind, **figures)


def _site(road: Road, *, site: int | None = None, **values: Any) -> None:
    values = {"managers_trained": 1} | values
    take("application.save_site", road.application, actor=road.owner, values=values, site=site)
