"""Who the body is and by which filed rule it certifies."""

from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext_lazy as _

from certbody.body.settings_catalogue.checks import check_code
from certbody.body.settings_catalogue.kinds import Entry, Group
from certbody.body.settings_catalogue.makers import EXAMPLE, FILED, text

LETTERHEAD = ("body_name", "body_name_en", "body_address", "body_address_en", "body_phone", "body_email")
"""What stands on every paper of the body, so that its reader can reach it."""

BODY: tuple[Entry, ...] = (
    text("body_name", _("Name of the body"), Group.BODY, "示例认证中心有限公司", EXAMPLE, most=80),
    text(
        "body_name_en",
        _("Name of the body in English"),
        Group.BODY,
        "Example Certification Centre Co., Ltd.",
        EXAMPLE,
        most=120,
    ),
    text("body_address", _("Address of the body"), Group.BODY, "北京市示例区认证路1号", EXAMPLE, most=200),
    text(
        "body_address_en",
        _("Address of the body in English"),
        Group.BODY,
        "1 Renzheng Road, Example District, Beijing",
        EXAMPLE,
    ),
    text("body_phone", _("Telephone"), Group.BODY, "010-00000000", EXAMPLE, most=40),
    text(
        "body_email",
        _("E-mail address"),
        Group.BODY,
        "office@body.example",
        EXAMPLE,
        most=120,
        checks=(validate_email,),
    ),
    text(
        "approval_number", _("Approval number of the body"), Group.BODY, "CNCA-R-2026-000", EXAMPLE, most=40
    ),
    text(
        "cb_code",
        _("Code of the body in certificate numbers"),
        Group.BODY,
        "EX",
        EXAMPLE,
        most=8,
        checks=(check_code,),
    ),
    text(
        "national_query_address",
        _("National address for checking certificates"),
        Group.BODY,
        "http://cx.cnca.cn",
        _("CNCA"),
        most=120,
        checks=(URLValidator(schemes=["http", "https"]),),
    ),
    text(
        "signatory_title",
        _("Title of the head under a signature"),
        Group.BODY,
        "认证机构负责人",
        EXAMPLE,
        most=40,
    ),
    text(
        "signatory_title_en",
        _("Title of the head in English"),
        Group.BODY,
        "Head of the certification body",
        EXAMPLE,
        most=60,
    ),
    text(
        "delegate_title",
        _("Title of a person whom the head authorised to sign"),
        Group.BODY,
        "授权签字人",
        EXAMPLE,
        most=40,
    ),
    text(
        "delegate_title_en",
        _("Title of an authorised person in English"),
        Group.BODY,
        "Authorised signatory",
        EXAMPLE,
        most=60,
    ),
)

RULE: tuple[Entry, ...] = (
    text(
        "rule_name", _("Name of the filed rule"), Group.RULE, "商品售后服务星级认证实施规则", FILED, most=200
    ),
    text(
        "rule_name_en",
        _("Name of the filed rule in English"),
        Group.RULE,
        "Rules for star certification of after-sales service of commodities",
        FILED,
        most=200,
    ),
    text("rule_number", _("Number of the filed rule"), Group.RULE, "EX-SC-01", FILED, most=50),
    text("rule_version", _("Version of the filed rule"), Group.RULE, "2026", FILED, most=20),
)
