"""The self-assessment: the engine of the audits for anybody, binding nobody, kept for the organisation alone."""

import html
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.test import Client

from applications.models import SelfAssessment
from applications.queries.self_assessment import table_of_today
from applications.services.self_assessment import MOST_KEPT, delete
from certbody import clock
from certbody.accounts.roles import Role
from certbody.scheme.marks import EmptyPopulation, Met, Sampled
from certbody.scheme.model import ClauseKind
from certbody.scheme.score import display, score
from certbody.scheme.sheet import Special, build_sheet
from certbody.workflow import NotAllowed
from tests.applications.conftest import signed_in
from tests.kernel.rows import fingerprint
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db
PAGE, KEEP, EMPTY = "/self-assessment/", "/self-assessment/keep/", "/self-assessment/empty/"


def whole(**changes: Any) -> dict[str, Any]:
    """Answers to every indicator, all of them good."""
    given: dict[str, Any] = {"goods": "tangible"}
    for clause in table_of_today().clauses:
        given[clause.id] = "empty" if clause.kind is ClauseKind.SAMPLED else "met"
    return given | changes


def first_of(kind: ClauseKind) -> str:
    return next(clause.id for clause in table_of_today().clauses if clause.kind is kind)


def test_a_look_at_the_form_makes_no_session_and_a_flood_of_answers_is_bounded(client: Client, settings: Any):
    settings.CERTBODY_LIMITS = settings.CERTBODY_LIMITS | {"assessment": 2}
    caches["limits"].clear()
    assert client.get(PAGE).status_code == 200
    assert Session.objects.count() == 0
    with clock.at(clock.now()):
        answers = [Client().post(PAGE, whole()).status_code for _visitor in range(4)]
    assert answers == [302, 302, 429, 429]
    assert Session.objects.count() == 2


def test_a_double_click_keeps_an_assessment_once(client_user: Any):
    browser, organisation = signed_in(client_user), make_organisation(client_user)
    key = browser.post(PAGE, whole(), follow=True).context["keeping"]["submission"].value()
    sent = {"organisation": organisation.pk, "submission": str(key)}
    first, second = (browser.post(KEEP, sent) for _press in range(2))
    assert (
        first["Location"]
        == second["Location"]
        == f"/portal/self-assessments/{SelfAssessment.objects.get().pk}/"
    )


def test_the_session_keeps_answers_and_nothing_longer(client: Client):
    fixed = first_of(ClauseKind.FIXED)
    flood = whole(**{fixed: ["x" * 100_000, "met"]})
    assert client.post(PAGE, flood).status_code == 302
    assert len(str(client.session["self_assessment"])) < 10_000
    assert f"{fixed}=met" in client.session["self_assessment"]


def test_anybody_gets_the_points_that_the_engine_gives(client: Client):
    fixed, sampled = first_of(ClauseKind.FIXED), first_of(ClauseKind.SAMPLED)
    scheme = table_of_today()
    marks: dict[str, Any] = {
        clause.id: EmptyPopulation(True, "x") if clause.kind is ClauseKind.SAMPLED else Met(True)
        for clause in scheme.clauses
    } | {fixed: Met(False), sampled: Sampled(3, 1)}
    ground = scheme.rules.grounds[0].key
    expected = score(scheme, build_sheet(scheme, "draft", marks, specials=[Special(ground)]))
    given = whole(
        **{
            fixed: "not_met",
            sampled: "counted",
            f"{sampled}.sampled": "3",
            f"{sampled}.failed": "1",
            "specials": [ground],
        }
    )
    page = client.post(PAGE, given, follow=True)
    assert page.redirect_chain == [("/self-assessment/#result", 302)]
    assert page.context["result"].final == expected.final
    assert display(expected.final) in page.text
    assert "This binds nobody." in page.text


def test_counts_alone_are_an_answer_and_the_page_says_what_is_demanded(client: Client):
    sampled = first_of(ClauseKind.SAMPLED)
    counts = {f"{sampled}.sampled": "3", f"{sampled}.failed": "0"}
    page = client.post(PAGE, whole(**{sampled: "", **counts}), follow=True)
    assert page.context["result"].final == 100
    assert all(
        str(clause.demand.in_language("en")) in html.unescape(page.text)
        for clause in table_of_today().clauses
    )


def test_nothing_but_the_session_remembers_a_visitor(client: Client):
    client.get(PAGE)
    before = fingerprint()
    client.post(PAGE, whole())
    assert fingerprint() == before
    assert client.get(PAGE).context["result"] is not None, "the answers survive a reload"
    assert Client().get(PAGE).context["result"] is None, "another visitor sees nothing of them"
    assert client.get(EMPTY).status_code == 405
    client.post(EMPTY)
    assert client.get(PAGE).context["result"] is None


def test_without_an_answer_to_every_indicator_there_is_no_grade(client: Client):
    page = client.post(PAGE, whole(**{first_of(ClauseKind.FIXED): ""}), follow=True)
    total = len(table_of_today().clauses)
    assert f"{total - 1} of {total} indicators are answered." in page.text
    assert page.context["result"] is None


@pytest.mark.parametrize(
    ("sampled", "failed", "sentence"),
    [
        ("", "", "Please say how many you looked at."),
        ("0", "0", "Please say how many you looked at."),
        ("3", "", "Please say how many of them were not in order."),
        ("3", "4", "More were not in order than you looked at."),
        ("-1", "0", "Ensure this value is greater than or equal to 0."),
        ("9" * 30, "0", "Ensure this value is less than or equal to 100000."),
        ("=1+1", "0", "Enter a whole number."),
    ],
)
def test_counts_that_cannot_be_are_named_and_all_else_is_kept(client: Client, sampled, failed, sentence):
    clause = first_of(ClauseKind.SAMPLED)
    given = whole(**{clause: "counted", f"{clause}.sampled": sampled, f"{clause}.failed": failed})
    page = client.post(PAGE, given)
    assert page.status_code == 422
    assert sentence in page.text
    assert page.text.count('value="met" selected') == sum(value == "met" for value in given.values())
    assert "self_assessment" not in client.session


def test_an_indicator_is_left_out_only_where_the_goods_allow_it(client: Client):
    clause = next(one for one in table_of_today().clauses if len(one.excludable_when) in {1, 2})
    allowed = str(next(iter(clause.excludable_when)))
    forbidden = next(
        goods
        for goods in ("tangible", "intangible", "mixed")
        if goods not in map(str, clause.excludable_when)
    )
    assert client.post(PAGE, whole(**{clause.id: "excluded", "goods": allowed})).status_code == 302
    page = client.post(PAGE, whole(**{clause.id: "excluded", "goods": forbidden}))
    assert (page.status_code, "applies to everybody" in page.text) == (422, True)
    fixed = next(one for one in table_of_today().clauses if not one.excludable_when)
    assert client.post(PAGE, whole(**{fixed.id: "excluded"})).status_code == 422


def kept_by(user: Any) -> SelfAssessment:
    browser = signed_in(user)
    browser.post(PAGE, whole())
    browser.post(KEEP, {"organisation": user.organisations.get().pk})
    return SelfAssessment.objects.get(made_by=user)


def test_a_client_keeps_it_for_the_organisation_and_the_members_see_it(client_user):
    organisation = make_organisation(client_user)
    colleague = make_user()
    organisation.memberships.create(person=colleague.person, role="member")
    row = kept_by(client_user)
    assert (row.organisation, row.result["grade"]) == (organisation, "star5")
    for member in (client_user, colleague):
        assert signed_in(member).get(f"/portal/self-assessments/{row.pk}/").status_code == 200
        assert f'href="/portal/self-assessments/{row.pk}/"' in signed_in(member).get(PAGE).text


def test_nobody_of_the_body_and_no_other_client_sees_what_is_kept(client_user, stranger, client: Client):
    make_organisation(client_user)
    make_organisation(stranger)
    row = kept_by(client_user)
    address = f"/portal/self-assessments/{row.pk}/"
    for path, posted in ((address, 405), (f"{address}delete/", 404)):
        assert signed_in(stranger).get(path).status_code == 404
        assert signed_in(stranger).post(path).status_code == posted
        assert client.get(path)["Location"].startswith("/accounts/login/")
    for role in Role.values:
        browser = signed_in(make_user(role))
        assert browser.get(address)["Location"] == "/desk/"
        assert address not in browser.get(PAGE).text
    assert SelfAssessment.objects.filter(pk=row.pk).exists()


def test_who_works_for_the_body_sees_none_even_of_an_organisation_of_his_own():
    person_of_both = make_user(Role.AUDITOR)
    organisation = make_organisation(person_of_both)
    row = SelfAssessment.objects.create(
        organisation=organisation, goods="tangible", result={"sections": {}}, made_by=make_user()
    )
    browser = signed_in(person_of_both)
    assert f"/portal/self-assessments/{row.pk}/" not in browser.get(PAGE).text
    browser.post(PAGE, whole())
    assert browser.post(KEEP, {"organisation": organisation.pk})["Location"] == "/desk/"
    assert SelfAssessment.objects.count() == 1


def test_it_is_kept_for_an_own_organisation_only_and_only_when_whole(client_user, stranger, client: Client):
    own, other = make_organisation(client_user), make_organisation(stranger)
    browser = signed_in(client_user)
    assert browser.post(KEEP, {"organisation": own.pk}).status_code == 422, "nothing is answered yet"
    browser.post(PAGE, whole(**{first_of(ClauseKind.FIXED): ""}))
    assert browser.post(KEEP, {"organisation": own.pk}).status_code == 422, "an answer is missing"
    browser.post(PAGE, whole())
    assert browser.post(KEEP, {"organisation": other.pk}).status_code == 422
    assert browser.get(KEEP).status_code == 405
    assert client.post(KEEP)["Location"].startswith("/accounts/login/")
    assert not SelfAssessment.objects.exists()


def test_an_organisation_keeps_twenty(client_user):
    own = make_organisation(client_user)
    row = kept_by(client_user)
    SelfAssessment.objects.bulk_create(
        SelfAssessment(organisation=own, goods="tangible", result=row.result, made_by=client_user)
        for _number in range(MOST_KEPT - 1)
    )
    browser = signed_in(client_user)
    browser.post(PAGE, whole())
    answer = browser.post(KEEP, {"organisation": own.pk})
    assert answer.status_code == 403
    assert "20 self-assessments of this organisation are kept already." in answer.text


def test_a_member_deletes_it_after_a_question(client_user):
    make_organisation(client_user)
    row = kept_by(client_user)
    browser = signed_in(client_user)
    address = f"/portal/self-assessments/{row.pk}/delete/"
    assert "It disappears for all members of your organisation." in browser.get(address).text
    assert SelfAssessment.objects.exists()
    assert browser.post(address)["Location"] == PAGE
    assert browser.post(address).status_code == 404
    assert not SelfAssessment.objects.exists()


def test_the_service_itself_deletes_for_members_only(client_user, stranger):
    make_organisation(client_user)
    row = kept_by(client_user)
    with pytest.raises(NotAllowed):
        delete(actor=stranger, kept=row)
    delete(actor=client_user, kept=row)
    assert not SelfAssessment.objects.exists()
