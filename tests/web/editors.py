"""The pages that two people may have open at once, each with the field that they both change (item 34)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.test import Client

from applications.models import Question
from applications.transitions import APPLICATION
from certbody import clock
from certbody.accounts.models import Membership, MembershipRole, User
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import setting
from certbody.workflow import perform
from tests.road import audits
from tests.road.applications import accepted_application, complete_application, drafted_contract
from tests.road.applications import submitted_application as submitted
from tests.road.people import make_user
from tests.web.filled_forms import FilledForm, form_with


@dataclass
class Desk:
    """A page that two people have open, the field they both change, and what is stored of it."""

    first: User
    second: User
    page: str
    name: str
    stored: Callable[[], str]
    theirs: str = "的第一个版本"
    mine: str = "的第二个版本"
    known_by: dict[str, str] = field(default_factory=dict)

    def open(self, user: User) -> tuple[Client, FilledForm]:
        browser = Client()
        browser.force_login(user)
        return browser, form_with(browser, self.page, self.name, **self.known_by)

    def send(self, browser: Client, form: FilledForm, text: str, **more: str) -> Any:
        return browser.post(form.action or self.page, {**form.values, self.name: text, **more})


def value_of(row: Any, name: str) -> str:
    row.refresh_from_db()
    value = getattr(row, name)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def colleague(client: User) -> User:
    other = make_user()
    organisation = client.person.memberships.get().organisation
    Membership.objects.create(organisation=organisation, person=other.person, role=MembershipRole.MEMBER)
    return other


def data_of_the_organisation() -> Desk:
    client = make_user()
    row = complete_application(client).case.organisation
    page = f"/portal/organisations/{row.pk}/"
    return Desk(client, colleague(client), page, "contact_name", partial(value_of, row, "contact_name"))


def section_of_an_application() -> Desk:
    client = make_user()
    row = complete_application(client)
    page = f"/portal/applications/{row.case.reference}/scope/"
    return Desk(client, colleague(client), page, "scope", partial(value_of, row, "scope"))


def site_of_an_application() -> Desk:
    client = make_user()
    application = complete_application(client)
    row = application.sites.first()
    page = f"/portal/applications/{application.case.reference}/sites/{row.pk}/"
    return Desk(client, colleague(client), page, "address", partial(value_of, row, "address"))


def exclusions_of_an_application() -> Desk:
    client = make_user()
    application = complete_application(client)
    page = f"/portal/applications/{application.case.reference}/exclusions/"

    def stored() -> str:
        found = application.exclusions.filter(clause="5.2.6.1").first()
        return found.reason if found else ""

    return Desk(client, colleague(client), page, "clause_5_2_6_1", stored)


def answers_to_questions() -> Desk:
    client = make_user()
    application = submitted(client)
    perform(
        APPLICATION.step("ask"),
        application,
        actor=make_user(Role.REVIEWER),
        questions=[{"text": text, "section": "scope", "item": ""} for text in ("为什么？", "从何时起？")],
    )
    row = Question.objects.order_by("pk").first()
    page = f"/portal/applications/{application.case.reference}/questions/"
    return Desk(client, colleague(client), page, f"answer_{row.pk}", partial(value_of, row, "answer"))


def item_of_the_review() -> Desk:
    application = submitted(make_user())
    page = f"/desk/applications/{application.case.reference}/"

    def stored() -> str:
        found = application.review_items.filter(key="information").first()
        return found.note if found else ""

    reviewers = make_user(Role.REVIEWER), make_user(Role.REVIEWER)
    return Desk(*reviewers, page, "information-note", stored)


def adjustment_of_a_contract() -> Desk:
    officers = make_user(Role.CONTRACTS), make_user(Role.CONTRACTS)
    row = drafted_contract(accepted_application(make_user()), officers[0])
    page = f"/steps/contract/{row.pk}/revise/"
    return Desk(*officers, page, "adjustment", partial(value_of, row, "adjustment"), "0.5", "1.5")


def plan_of_an_audit() -> Desk:
    road = audits.planned_audit()
    page = f"/steps/audit/{road.audit.pk}/plan/"
    days = [(clock.today() + timedelta(days=number)).isoformat() for number in (5, 9)]
    stored = partial(value_of, road.audit, "stage2_to")
    return Desk(road.planner, make_user(Role.PLANNER), page, "stage2_to", stored, *days)


def verdict_of_stage_1() -> Desk:
    road = audits.stage1_audit()
    document = road.case.application.documents.first()

    def stored() -> str:
        found = road.audit.document_verdicts.filter(document=document).first()
        return found.note if found else ""

    page = f"/desk/audits/{road.audit.pk}/stage1/"
    return Desk(road.lead, road.auditor, page, "note", stored, known_by={"document": str(document.pk)})


def settlement_of_an_exclusion() -> Desk:
    road = audits.stage1_audit(exclusions={"5.2.6.1": "不提供回收"})
    proposal = road.case.application.exclusions.get()

    def stored() -> str:
        found = road.audit.exclusions.first()
        return found.note if found else ""

    page = f"/desk/audits/{road.audit.pk}/stage1/"
    return Desk(road.lead, road.lead, page, "note", stored, known_by={"proposal": str(proposal.pk)})


def texts_of_the_report() -> Desk:
    road = audits.scored_audit()
    page = f"/desk/audits/{road.audit.pk}/report/"
    return Desk(road.lead, road.lead, page, "summary", partial(value_of, road.report, "summary"))


def setting_of_the_body() -> Desk:
    people = make_user(Role.QUALITY), make_user(Role.QUALITY)
    page = "/desk/settings/fee_application/"
    return Desk(*people, page, "value", lambda: str(setting("fee_application")), "1234", "4321")


DESKS = (
    data_of_the_organisation,
    section_of_an_application,
    site_of_an_application,
    exclusions_of_an_application,
    answers_to_questions,
    item_of_the_review,
    adjustment_of_a_contract,
    plan_of_an_audit,
    verdict_of_stage_1,
    settlement_of_an_exclusion,
    texts_of_the_report,
    setting_of_the_body,
)
ALSO_NEEDED = {
    "verdict": "adequate",
    "information-verdict": "fulfilled",
    "reason": "规模",
    "code": "complexity",
    "source": "decision 7",
}


def typed(form: FilledForm) -> dict[str, str]:
    """What the form cannot be saved without and what nobody has typed yet."""
    return {
        name: "accept" if name == "verdict" and "proposal" in form.values else value
        for name, value in ALSO_NEEDED.items()
        if not form.values.get(name)
    }
