"""Demo accounts: the people of the body and their qualifications."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password

from audits.models import TeamRole
from audits.services.people import add_qualification
from certbody import clock
from certbody.accounts.models import Person, RoleAssignment, User
from certbody.accounts.roles import Role

HOST = "demo.example"
YEARS_BACK = 5


@dataclass(frozen=True)
class Account:
    """One demo account; `language` is that of its pages and mails."""

    local_part: str
    name: str
    name_en: str
    roles: tuple[Role, ...] = ()
    language: str = "zh-hans"

    @property
    def email(self) -> str:
        return f"{self.local_part}@{HOST}"

    @property
    def description(self) -> str:
        return ", ".join(role.value.replace("_", " ") for role in self.roles) or "client"


STAFF = (
    Account("reviewer", "陈静", "Chen Jing", (Role.REVIEWER,)),
    Account("contracts", "刘洋", "Liu Yang", (Role.CONTRACTS,)),
    Account("planner", "赵敏", "Zhao Min", (Role.PLANNER,)),
    Account("lead", "孙立群", "Sun Liqun", (Role.AUDITOR,)),
    Account("auditor", "周婷", "Zhou Ting", (Role.AUDITOR,)),
    Account("auditor2", "吴昊", "Wu Hao", (Role.AUDITOR,)),
    Account("expert", "郑国强", "Zheng Guoqiang", (Role.EXPERT,)),
    Account("quality", "冯雪", "Feng Xue", (Role.TECHNICAL_REVIEWER, Role.QUALITY)),
    Account("secretary", "韩梅", "Han Mei", (Role.SECRETARY,)),
    Account("chair", "杨振华", "Yang Zhenhua", (Role.COMMITTEE, Role.CHAIR)),
    Account("member1", "朱琳", "Zhu Lin", (Role.COMMITTEE,)),
    Account("member2", "秦峰", "Qin Feng", (Role.COMMITTEE,)),
    Account("member3", "许文", "Xu Wen", (Role.COMMITTEE,), "zh-hant"),
    Account("member4", "何嘉怡", "Ho Ka Yi", (Role.COMMITTEE,), "zh-hant"),
    Account("certificates", "吕丽", "Lü Li", (Role.CERTIFICATES,)),
    Account("head", "张建国", "Zhang Jianguo", (Role.HEAD,)),
    Account("finance", "曹颖", "Cao Ying", (Role.FINANCE,)),
    Account("complaints", "谢宁", "Xie Ning", (Role.COMPLAINTS,)),
    Account("inspector", "邓超", "Deng Chao", (Role.INSPECTOR,), "en"),
    Account("admin", "Alex Morgan", "Alex Morgan", (Role.ADMINISTRATOR,), "en"),
)
CLIENTS = (Account("client", "李娜", "Li Na"), Account("client2", "王磊", "Wang Lei"))

QUALIFIED = (
    ("lead", TeamRole.LEAD, "CCAA-2019-S-0417"),
    ("lead", TeamRole.AUDITOR, "CCAA-2017-S-0417"),
    ("auditor", TeamRole.AUDITOR, "CCAA-2020-S-1122"),
    ("auditor2", TeamRole.LEAD, "CCAA-2018-S-0233"),
    ("auditor2", TeamRole.AUDITOR, "CCAA-2016-S-0233"),
    ("expert", TeamRole.EXPERT, "EXP-2021-031"),
)


def account(local_part: str) -> User:
    return User.objects.select_related("person").get(email=f"{local_part}@{HOST}")


@lru_cache(maxsize=1)
def _password() -> str:
    """All demo accounts share one password, so it is hashed once: a hash costs a fifth of a second."""
    return make_password(settings.CERTBODY_DEMO_PASSWORD)


def make_account(entry: Account, since: date) -> User:
    """Open a demo account with a verified address; its password is that of all demo accounts."""
    person = Person.objects.create(name=entry.name, name_en=entry.name_en)
    for role in entry.roles:
        RoleAssignment.objects.create(person=person, role=role, since=since)
    user = User.objects.create_user(entry.email, person=person, language=entry.language, is_demo=True)
    user.password = _password()
    user.save(update_fields=["password"])
    EmailAddress.objects.create(user=user, email=entry.email, verified=True, primary=True)
    return user


def make_people() -> None:
    """Open every account and record who is qualified for what."""
    since = clock.today() - timedelta(days=365 * YEARS_BACK)
    for entry in (*STAFF, *CLIENTS):
        make_account(entry, since)
    planner = account("planner")
    for local_part, kind, registration in QUALIFIED:
        add_qualification(
            actor=planner,
            person=account(local_part).person,
            kind=kind,
            registration=registration,
            valid_from=since,
            valid_until=clock.today() + timedelta(days=730),
        )
