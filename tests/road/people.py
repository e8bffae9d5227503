"""People and organisations for tests; nothing here takes a step."""

from itertools import count

from certbody.accounts.credit_code import check_character
from certbody.accounts.models import (
    LegalForm,
    Membership,
    MembershipRole,
    Organisation,
    Person,
    RoleAssignment,
    User,
)
from certbody.clock import today

_numbers = count(1)


def credit_code(number: int) -> str:
    """A well-formed code of a fictional company."""
    first = f"91440300{number:09}"
    return first + check_character(first)


def make_person(name: str = "") -> Person:
    number = next(_numbers)
    return Person.objects.create(name=name or f"测试{number}", name_en=f"Person {number}")


def make_user(*roles: str, name: str = "", email: str = "", language: str = "en") -> User:
    """An account of a new person who holds the roles from today."""
    person = make_person(name)
    for role in roles:
        RoleAssignment.objects.create(person=person, role=role, since=today())
    return User.objects.create_user(
        email or f"user{next(_numbers)}@example.org",
        "a-long-password",
        person=person,
        language=language,
        is_demo=True,
    )


def make_organisation(owner: User | None = None, **facts: object) -> Organisation:
    number = next(_numbers)
    organisation = Organisation.objects.create(
        **{
            "name": f"深圳华丰电器{number}有限公司",
            "name_en": f"Shenzhen Huafeng Appliances {number} Co., Ltd.",
            "credit_code": credit_code(number),
            "legal_form": LegalForm.COMPANY,
            "registered_address": "深圳市南山区科技路1号",
            "registered_address_en": "1 Keji Road, Nanshan, Shenzhen",
            "operating_address": "深圳市南山区科技路1号",
            "legal_representative": "王伟",
            "contact_name": "李娜",
            "contact_phone": "0755-12345678",
            "contact_email": "contact@example.org",
            "headcount": 40,
            "service_management_headcount": 12,
            "managers_trained": 2,
            **facts,
        }
    )
    if owner is not None:
        Membership.objects.create(organisation=organisation, person=owner.person, role=MembershipRole.OWNER)
    return organisation
