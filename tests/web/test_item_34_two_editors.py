"""Two people have the same page open and both save: the second sees both values, and nothing is lost (item 34)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from applications.models import Question
from applications.transitions import APPLICATION
from certbody import clock
from certbody.accounts.models import Membership, MembershipRole, User
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import setting
from certbody.web import edits
from certbody.workflow import perform
from tests.kernel.threads import at_once
from tests.road import audits
from tests.road.applications import accepted_application, complete_application, drafted_contract
from tests.road.applications import submitted_application as submitted
from tests.road.people import make_user
from tests.web.filled_forms import FilledForm, form_with, forms_of

pytestmark = pytest.mark.django_db


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


def answers_to_questions() -> Desk:
    client = make_user()
    application = submitted(client)
    perform(
        APPLICATION.step("ask"),
        application,
        actor=make_user(Role.REVIEWER),
        questions=[{"text": "为什么？", "section": "scope", "item": ""}],
    )
    row = Question.objects.get()
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
    "source": "decision 7",
}


def typed(form: FilledForm) -> dict[str, str]:
    """What the form cannot be saved without and what nobody has typed yet."""
    return {
        name: "accept" if name == "verdict" and "proposal" in form.values else value
        for name, value in ALSO_NEEDED.items()
        if not form.values.get(name)
    }


@pytest.mark.parametrize("prepare", DESKS)
def test_the_second_editor_sees_both_values_and_decides(prepare: Callable[[], Desk]) -> None:
    desk = prepare()
    theirs, their_form = desk.open(desk.first)
    mine, my_form = desk.open(desk.second)
    assert desk.send(theirs, their_form, desk.theirs, **typed(their_form)).status_code == 302
    before = desk.stored()

    refused = desk.send(mine, my_form, desk.mine, **typed(my_form))
    assert refused.status_code == 409
    assert "since you opened the page" in refused.text
    assert "Stored by somebody else meanwhile" in refused.text
    assert desk.theirs in refused.text
    assert desk.mine in refused.text
    assert desk.stored() == before

    shown = next(form for form in forms_of(refused.text) if desk.mine in form.values.get(desk.name, ""))
    shown.action = shown.action or refused.wsgi_request.path
    more = {"overwrite": "true"} if "page" in shown.values else {}
    assert desk.send(mine, shown, desk.mine, **typed(shown), **more).status_code == 302
    assert desk.mine in desk.stored()


def test_a_field_that_the_second_editor_left_alone_shows_the_newer_text() -> None:
    desk = data_of_the_organisation()
    theirs, their_form = desk.open(desk.first)
    mine, my_form = desk.open(desk.second)
    desk.send(theirs, their_form, desk.theirs)
    refused = desk.send(mine, my_form, my_form.values["contact_name"], contact_email="new@example.org")
    assert refused.status_code == 409
    assert "You had not changed it" in refused.text
    shown = next(form for form in forms_of(refused.text) if "contact_name" in form.values)
    assert (shown.values["contact_name"], shown.values["contact_email"]) == (desk.theirs, "new@example.org")


def test_the_same_change_by_both_is_no_conflict() -> None:
    desk = data_of_the_organisation()
    theirs, their_form = desk.open(desk.first)
    mine, my_form = desk.open(desk.second)
    assert desk.send(theirs, their_form, desk.theirs).status_code == 302
    assert desk.send(mine, my_form, desk.theirs).status_code == 302


def test_answers_are_saved_while_typing_again_and_again_from_one_page() -> None:
    desk = answers_to_questions()
    browser, form = desk.open(desk.first)
    for text in ("一", "一二", "一二三"):
        answer = browser.post(desk.page, {**form.values, desk.name: text}, headers={"X-Autosave": "1"})
        assert answer.status_code == 200
        form.values["seen"] = seen_in(answer.text)
    assert desk.stored() == "一二三"


def seen_in(fragment: str) -> str:
    """The `seen` that the answer to an autosave puts into the open page."""
    return next(one.values["seen"] for one in forms_of(f"<form>{fragment}</form>"))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_protected", [True, False])
def test_two_saves_at_the_same_moment_and_the_twin_without_the_lock(
    is_protected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is saved and one is told. Without the look under the lock both are “saved” and one text is lost."""
    if not is_protected:
        monkeypatch.setattr(edits.EditedForm, "refuse_if_changed", lambda *_seen: None)
    desk = data_of_the_organisation()
    opened = [desk.open(user) for user in (desk.first, desk.second)]
    answers = at_once(
        [
            partial(desk.send, browser, form, text)
            for (browser, form), text in zip(opened, (desk.theirs, desk.mine), strict=True)
        ]
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == ([302, 409] if is_protected else [302, 302])
