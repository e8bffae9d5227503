"""The pages of this floor: who sees them, which methods they take, and that a second submission has one effect."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.outbox import sweeper
from certbody.outbox.models import Job
from certbody.workflow import perform
from certificates.models import Ballot, Certificate, Decision, Panel
from certificates.services.issuing import ISSUE_JOB
from certificates.transitions import RETURN
from tests.road.certificates import (
    closed_panel,
    committee,
    issued_certificate,
    opened_panel,
    quick_drawing,
    released_case,
    reserved_certificate,
    signed_decision,
    taken_decision,
    users_of,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def owner_of(certificate: Certificate) -> User:
    return User.objects.get(person__memberships__organisation=certificate.organisation)


@pytest.fixture
def issued() -> Certificate:
    return issued_certificate()


def panel_url(panel: Panel) -> str:
    return reverse("panel", args=[panel.pk])


LISTS = {
    "panels": (Role.SECRETARY, Role.CONTRACTS),
    "decisions": (Role.HEAD, Role.COMMITTEE),
    "certificates": (Role.CERTIFICATES, Role.COMMITTEE),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_opens_for_its_roles_and_shows_what_is_there(name: str, issued: Certificate) -> None:
    answer = signed_in(make_user(LISTS[name][0])).get(reverse(name))
    assert answer.status_code == 200
    assert issued.organisation.name in answer.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_no_post(name: str) -> None:
    assert signed_in(make_user(LISTS[name][0])).post(reverse(name)).status_code == 405


@pytest.mark.parametrize("name", LISTS)
def test_a_list_sends_a_stranger_to_the_sign_in(name: str) -> None:
    answer = Client().get(reverse(name))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_does_not_exist_for_a_client(name: str) -> None:
    assert signed_in(make_user()).get(reverse(name)).status_code == 404


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_refused_to_another_role(name: str) -> None:
    assert signed_in(make_user(LISTS[name][1])).get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_a_list_explains_itself_while_it_is_empty(name: str) -> None:
    assert b"appear here" in signed_in(make_user(LISTS[name][0])).get(reverse(name)).content


def _queries_of(client: Client, url: str, count: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    count()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("name", "literal"), [("panels", 13), ("decisions", 13), ("certificates", 12)])
def test_a_list_asks_as_many_queries_for_three_rows_as_for_one(name: str, literal: int) -> None:
    client = signed_in(make_user(*(role for role, _other in LISTS.values())))
    client.get(reverse(name))
    one = _queries_of(client, reverse(name), issued_certificate)
    three = _queries_of(client, reverse(name), lambda: [issued_certificate() for _number in range(2)])
    assert (one, three) == (literal, literal)


# the panel page


def test_the_dossier_shows_a_member_facts_score_motion_and_a_ballot() -> None:
    panel = opened_panel(released_case())
    page = signed_in(users_of(panel)[0]).get(panel_url(panel)).content.decode()
    for text in (
        panel.case.organisation.name,
        panel.case.organisation.credit_code,
        "cb-scorebar",
        'class="cb-ballot"',
    ):
        assert text in page
    assert panel.motion_reasons in page


def test_the_dossier_takes_no_post() -> None:
    panel = opened_panel(released_case())
    assert signed_in(users_of(panel)[0]).post(panel_url(panel)).status_code == 405


def test_a_member_without_a_seat_does_not_find_the_panel() -> None:
    panel = opened_panel(released_case())
    assert signed_in(make_user(Role.COMMITTEE)).get(panel_url(panel)).status_code == 404


def test_the_auditors_of_the_case_do_not_find_the_panel() -> None:
    released = released_case()
    panel = opened_panel(released)
    assert signed_in(released.lead).get(panel_url(panel)).status_code == 403
    assert signed_in(released.client).get(panel_url(panel)).status_code == 404


def test_a_member_votes_on_the_page_and_the_ballot_is_gone() -> None:
    panel = opened_panel(released_case())
    member = signed_in(users_of(panel)[0])
    data = {"choice": "for", "reason": "材料完整", "submission": str(uuid.uuid4())}
    url = reverse("step", args=["panel", panel.pk, "vote"])
    assert member.post(url, data)["Location"] == panel_url(panel)
    assert member.post(url, data).status_code == 302  # the resent form gets the first one's answer
    assert member.post(url, data | {"submission": str(uuid.uuid4())}).status_code == 409
    assert Ballot.objects.filter(seat__panel=panel).count() == 1
    assert 'class="cb-ballot"' not in member.get(panel_url(panel)).content.decode()


def test_votes_and_reasons_of_others_are_hidden_until_the_closing() -> None:
    panel = opened_panel(released_case())
    members = users_of(panel)
    url = reverse("step", args=["panel", panel.pk, "vote"])
    for number, member in enumerate(members):
        signed_in(member).post(url, {"choice": "against", "reason": f"secret reason {number}"})
    secretary = make_user(Role.SECRETARY)
    seen = signed_in(members[0]).get(panel_url(panel)).content.decode()
    assert "secret reason 0" in seen
    assert "secret reason 1" not in seen
    assert "secret reason" not in signed_in(secretary).get(panel_url(panel)).content.decode()
    signed_in(secretary).post(reverse("step", args=["panel", panel.pk, "close"]))
    assert "secret reason 2" in signed_in(secretary).get(panel_url(panel)).content.decode()


# opening a panel


def _motion(members: list[User], **changes: object) -> dict[str, object]:
    return {
        "motion": "star4",
        "reasons": "体系运行有效",
        "members": [member.person_id for member in members],
        "submission": str(uuid.uuid4()),
    } | changes


def test_the_secretary_opens_a_panel_once_even_when_the_form_is_sent_twice() -> None:
    released = released_case()
    members = committee()
    secretary = signed_in(make_user(Role.SECRETARY))
    url = reverse("panel_open", args=[released.case.reference])
    assert "star5" not in secretary.get(url).content.decode()
    data = _motion(members)
    first, second = secretary.post(url, data), secretary.post(url, data)
    assert first["Location"] == second["Location"] == panel_url(Panel.objects.get())


def test_opening_keeps_what_was_typed_when_members_are_missing() -> None:
    released = released_case()
    answer = signed_in(make_user(Role.SECRETARY)).post(
        reverse("panel_open", args=[released.case.reference]), _motion(committee(2), reasons="只有两位委员")
    )
    assert answer.status_code == 409
    assert "只有两位委员" in answer.content.decode()
    assert not Panel.objects.exists()


def test_an_evaluator_cannot_be_chosen_on_the_form() -> None:
    released = released_case()
    released.lead.person.role_assignments.create(role=Role.COMMITTEE, since=released.case.opened_at.date())
    answer = signed_in(make_user(Role.SECRETARY)).post(
        reverse("panel_open", args=[released.case.reference]), _motion([*committee(2), released.lead])
    )
    assert answer.status_code == 422
    assert not Panel.objects.exists()


def test_opening_is_refused_to_other_roles_and_unknown_cases() -> None:
    released = released_case()
    url = reverse("panel_open", args=[released.case.reference])
    assert signed_in(make_user(Role.HEAD)).get(url).status_code == 403
    assert signed_in(released.client).get(url).status_code == 404
    assert (
        signed_in(make_user(Role.SECRETARY)).get(reverse("panel_open", args=["1999-0001"])).status_code == 404
    )
    assert signed_in(make_user(Role.SECRETARY)).put(url).status_code == 405


def test_a_second_panel_cannot_be_opened_while_one_votes() -> None:
    released = released_case()
    opened_panel(released)
    answer = signed_in(make_user(Role.SECRETARY)).post(
        reverse("panel_open", args=[released.case.reference]), _motion(committee())
    )
    assert answer.status_code == 409
    assert Panel.objects.count() == 1


# decisions


def test_the_head_signs_on_the_decision_s_page() -> None:
    decision = taken_decision(released_case())
    head = signed_in(make_user(Role.HEAD))
    url = reverse("decision", args=[decision.pk])
    sign = reverse("step", args=["decision", decision.pk, "sign"])
    assert sign in head.get(url).content.decode()
    assert head.post(sign, {"submission": str(uuid.uuid4())})["Location"] == url
    assert head.post(sign, {"submission": str(uuid.uuid4())}).status_code == 409
    assert Decision.objects.get().state == "signed"


def test_a_decision_is_hidden_from_those_whom_it_does_not_concern() -> None:
    released = released_case()
    decision = taken_decision(released)
    url = reverse("decision", args=[decision.pk])
    assert Client().get(url).status_code == 302
    assert signed_in(released.lead).get(url).status_code == 404
    assert signed_in(released.client).get(url).status_code == 404
    assert signed_in(make_user(Role.HEAD)).post(url).status_code == 405


def test_the_certificate_officer_issues_once_however_often_the_form_arrives() -> None:
    decision = signed_decision()
    officer = signed_in(make_user(Role.CERTIFICATES))
    url = reverse("decision_issue", args=[decision.pk])
    data = {"submission": str(uuid.uuid4())}
    first, second = officer.post(url, data), officer.post(url, data)
    assert (
        first["Location"] == second["Location"] == reverse("certificate", args=[Certificate.objects.get().pk])
    )
    again = officer.post(url, {"submission": str(uuid.uuid4())})
    assert again.status_code == 409
    assert Certificate.objects.count() == 1


def test_issuing_is_refused_to_the_head_to_a_get_and_for_a_refusal() -> None:
    decision = signed_decision()
    url = reverse("decision_issue", args=[decision.pk])
    assert signed_in(make_user(Role.HEAD)).post(url).status_code == 403
    assert signed_in(make_user(Role.CERTIFICATES)).get(url).status_code == 405
    assert Client().post(url).status_code == 302
    refusal = signed_decision(outcome="refuse")
    answer = signed_in(make_user(Role.CERTIFICATES)).post(
        reverse("decision_issue", args=[refusal.pk]), {"submission": str(uuid.uuid4())}
    )
    assert answer.status_code == 409
    assert not Certificate.objects.exists()


# certificates


def test_progress_survives_a_reload_and_ends_by_itself() -> None:
    reserved = reserved_certificate()
    officer = signed_in(make_user(Role.CERTIFICATES))
    url = reverse("certificate", args=[reserved.pk])
    progress = reverse("job_progress", args=[Job.objects.get(kind=ISSUE_JOB).pk])
    page = officer.get(url).content.decode()
    assert reserved.number in page
    assert f'hx-get="{progress}"' in page
    assert "HX-Refresh" not in officer.get(progress)
    with quick_drawing():
        sweeper.sweep()
    assert officer.get(progress)["HX-Refresh"] == "true"
    assert progress not in officer.get(url).content.decode()


def test_the_certificate_s_page_shows_documents_dates_and_the_steps_of_the_head(issued: Certificate) -> None:
    url = reverse("certificate", args=[issued.pk])
    page = signed_in(make_user(Role.HEAD)).get(url).content.decode()
    for document in issued.editions.get().documents.all():
        assert document.sha256 in page
    assert issued.expires_on.isoformat() in page
    assert reverse("step", args=["certificate", issued.pk, "suspend"]) in page
    assert signed_in(make_user(Role.HEAD)).post(url).status_code == 405
    assert signed_in(make_user(Role.COMMITTEE)).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_an_expired_certificate_has_no_next_step_and_announces_no_visit(issued: Certificate) -> None:
    url, head = reverse("certificate", args=[issued.pk]), make_user(Role.HEAD)
    assert "Next steps" in signed_in(head).get(url).content.decode()
    with clock.at(issued.expires_on + timedelta(days=1)):
        page = signed_in(head).get(url).content.decode()
    assert "Next steps" not in page
    assert issued.cycle_dates.earliest("due_on").opens_on.isoformat() not in page


def test_a_closed_panel_has_a_result_and_no_next_step() -> None:
    panel = opened_panel(released_case(), committee())
    reader = signed_in(make_user(Role.SECRETARY))
    assert "Next steps" in reader.get(panel_url(panel)).content.decode()
    closed_panel(panel)
    page = reader.get(panel_url(panel)).content.decode()
    assert 'data-result="carried"' in page
    assert "Next steps" not in page


def test_a_vote_whose_decision_came_back_is_no_success_in_the_list() -> None:
    secretary, decision = signed_in(make_user(Role.SECRETARY)), taken_decision(released_case())
    assert "returned by the head" not in secretary.get("/desk/panels/").text
    perform(RETURN, decision, actor=make_user(Role.HEAD), reason="理由不充分")
    assert "carried, but returned by the head" in secretary.get("/desk/panels/").text


def test_the_secretary_reads_why_another_vote_is_needed() -> None:
    decision = taken_decision(released_case())
    url = reverse("panel_open", args=[decision.case.reference])
    secretary = signed_in(make_user(Role.SECRETARY))
    perform(RETURN, decision, actor=make_user(Role.HEAD), reason="表决理由不足")
    page = secretary.get(url).content.decode()
    assert "表决理由不足" in page
    assert "3 in favour, 0 against, 0 abstentions" in page
    assert "At least 3." in page


def test_certificates_are_found_by_number_name_and_state(issued: Certificate) -> None:
    officer = signed_in(make_user(Role.CERTIFICATES))
    other = issued_certificate()
    for query in (
        {"q": issued.number},
        {"q": issued.organisation.name},
        {"q": issued.organisation.name_en.upper()},
    ):
        page = officer.get(reverse("certificates"), query).content.decode()
        assert issued.number in page
        assert other.number not in page
    assert issued.number not in officer.get(reverse("certificates"), {"state": "withdrawn"}).content.decode()


def test_the_holder_downloads_the_documents_and_a_stranger_does_not(issued: Certificate) -> None:
    holder = signed_in(owner_of(issued))
    url = reverse("portal_certificate", args=[issued.pk])
    page = holder.get(url).content.decode()
    assert issued.number in holder.get(reverse("portal_certificates")).content.decode()
    for document in issued.editions.get().documents.select_related("file"):
        address = document.file.get_absolute_url()
        assert address in page
        assert holder.get(address).status_code == 200
        assert signed_in(make_user()).get(address).status_code == 404
    assert signed_in(make_user()).get(url).status_code == 404
    assert Client().get(url).status_code == 302
    assert holder.post(url).status_code == 405
    assert signed_in(make_user(Role.HEAD)).get(url).status_code == 302


def test_the_holder_does_not_see_a_number_that_is_only_reserved() -> None:
    reserved = reserved_certificate()
    holder = signed_in(owner_of(reserved))
    assert holder.get(reverse("portal_certificate", args=[reserved.pk])).status_code == 404
    assert reserved.number not in holder.get(reverse("portal_certificates")).content.decode()


def test_home_and_case_pages_show_the_panels_of_this_floor(issued: Certificate) -> None:
    holder, head = signed_in(owner_of(issued)), signed_in(make_user(Role.HEAD))
    assert issued.number in holder.get(reverse("portal")).content.decode()
    assert issued.number in holder.get(reverse("portal_case", args=[issued.case.reference])).content.decode()
    assert issued.number in head.get(reverse("desk_case", args=[issued.case.reference])).content.decode()
