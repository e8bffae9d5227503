"""The recorded checklist: yes, open, no or not applicable, and what each answer must bring."""

import pytest
from django.db import IntegrityError, transaction

from applications.catalogue.review_items import ITEMS, KEYS
from applications.models import Question, ReviewItem, Verdict
from applications.models.review import MAY_BE_NOT_APPLICABLE
from applications.transitions import ACCEPT, REVIEW_ITEM
from certbody import clock
from certbody.workflow import NotReady, check, perform
from tests.applications.conftest import signed_in
from tests.applications.test_desk_pages import url
from tests.road.applications import checked_picture, picture, review_all, submitted_application

pytestmark = pytest.mark.django_db
LOOKED_UP = {"credit_china": "clean", "enterprise_credit": "clean"}


def record(application, reviewer, key, verdict=Verdict.FULFILLED, **more):
    return perform(REVIEW_ITEM, application, actor=reviewer, key=key, verdict=verdict, **more)


def test_not_applicable_is_an_answer_to_few_items_and_needs_a_note(client_user, reviewer):
    application = submitted_application(client_user)
    for key in set(KEYS) - set(MAY_BE_NOT_APPLICABLE):
        with pytest.raises(NotReady, match="always answered with yes or no"):
            record(application, reviewer, key, Verdict.NOT_APPLICABLE, note="不适用")
    for key in MAY_BE_NOT_APPLICABLE:
        with pytest.raises(NotReady, match="say in the note"):
            record(application, reviewer, key, Verdict.NOT_APPLICABLE)
        record(application, reviewer, key, Verdict.NOT_APPLICABLE, note="未提出删减")
    stored = dict(application.review_items.values_list("key", "verdict"))
    assert stored == dict.fromkeys(MAY_BE_NOT_APPLICABLE, Verdict.NOT_APPLICABLE)


def test_the_items_of_the_database_and_of_the_catalogue_are_the_same():
    assert {item.key for item in ITEMS if item.may_be_left_out} == set(MAY_BE_NOT_APPLICABLE)


REFUSED_ROWS = (
    {"key": "scope", "verdict": Verdict.NOT_APPLICABLE, "note": "不适用"},
    {"key": "means", "verdict": Verdict.NOT_APPLICABLE, "note": ""},
    {"key": "public_credit", "verdict": Verdict.FULFILLED, "credit_china": "serious"},
    {"key": "public_credit", "verdict": Verdict.FULFILLED, "enterprise_credit": "serious"},
)


def test_what_the_page_refuses_the_database_refuses_too(client_user, reviewer):
    application = submitted_application(client_user)
    about = {"application": application, "revision": 1}
    for values in REFUSED_ROWS:
        with pytest.raises(IntegrityError), transaction.atomic():
            ReviewItem.objects.create(person=reviewer.person, **about, **values)
    asked = {"section": "scope", "text": "?", "asked_by": reviewer.person}
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(reason="gossip", **about, **asked)
    ReviewItem.objects.create(person=reviewer.person, **about, **REFUSED_ROWS[1] | {"note": "不适用"})


def test_an_item_that_does_not_apply_keeps_nobody_from_accepting(client_user, reviewer):
    application = submitted_application(client_user)
    review_all(application, reviewer)
    record(application, reviewer, "running_time", Verdict.NOT_APPLICABLE, note="名称变更")
    check(ACCEPT, application, reviewer)
    record(application, reviewer, "running_time", Verdict.OPEN, note="从何时起？")
    with pytest.raises(NotReady):
        check(ACCEPT, application, reviewer)


INCOMPLETE = (
    ({}, "what each of the two platforms says"),
    ({"credit_china": "clean"}, "what each of the two platforms says"),
    (LOOKED_UP | {"credit_china": "serious"}, "cannot be yes"),
    (LOOKED_UP | {"credit_china": "minor"}, "which entries there are"),
    (LOOKED_UP, "keep a picture"),
)


def test_the_credit_platforms_are_a_yes_only_with_both_results_and_a_picture(client_user, reviewer):
    application = submitted_application(client_user)
    for given, sentence in INCOMPLETE:
        with pytest.raises(NotReady, match=sentence):
            record(application, reviewer, "public_credit", checked_on=clock.today(), **given)
    assert not application.review_items.exists()


def test_the_result_of_the_platforms_is_kept_and_shown(client_user, reviewer):
    application = submitted_application(client_user)
    given = LOOKED_UP | {"enterprise_credit": "minor", "note": "一条轻微处罚"}
    record(
        application, reviewer, "public_credit", checked_on=clock.today(), file=checked_picture("credit.png"),
        **given,
    )  # fmt: skip
    page = signed_in(reviewer).get(url(application, "desk")).content.decode()
    assert "信用中国: no entry" in page
    assert "企业信用公示: entries, none of them serious" in page
    assert "credit.png" in page
    # the picture that is kept already answers for a second record
    record(application, reviewer, "public_credit", checked_on=clock.today(), **LOOKED_UP)
    assert application.review_items.get().file.name == "credit.png"


def test_on_the_page_each_answer_says_what_it_lacks(client_user, reviewer):
    application = submitted_application(client_user)
    browser = signed_in(reviewer)
    page = browser.post(
        url(application, "desk_item", "public_credit"),
        {
            "public_credit-verdict": "fulfilled",
            "public_credit-credit_china": "serious",
            "public_credit-enterprise_credit": "minor",
            "public_credit-checked_on": clock.today().isoformat(),
        },
    )
    text = page.content.decode()
    assert page.status_code == 422
    for sentence in ("cannot be yes", "which entries there are", "keep a picture of the result"):
        assert sentence in text
    assert not application.review_items.exists()


def test_the_approved_field_is_named_and_is_one_of_the_body_s(client_user, reviewer):
    application = submitted_application(client_user)
    browser, address = signed_in(reviewer), url(application, "desk_item", "approved_field")
    assert "SC03 批发和零售业服务" in browser.get(url(application, "desk")).content.decode()
    assert browser.post(address, {"approved_field-verdict": "fulfilled"}).status_code == 422
    wrong = {"approved_field-verdict": "fulfilled", "approved_field-field_code": "SC99"}
    assert browser.post(address, wrong).status_code == 422
    right = wrong | {"approved_field-field_code": "SC03"}
    assert browser.post(address, right).status_code == 302
    assert application.review_items.get().field_code == "SC03"
    with pytest.raises(NotReady, match="approved field"):
        record(application, reviewer, "approved_field")


def test_what_the_national_register_said_can_be_pasted_and_kept(client_user, reviewer):
    application = submitted_application(client_user)
    pasted = "证书编号 0012026SC00017\n撤销日期 2024-03-01\n" * 20
    answer = signed_in(reviewer).post(
        url(application, "desk_item", "not_blocked"),
        {
            "not_blocked-verdict": "fulfilled",
            "not_blocked-note": pasted,
            "not_blocked-file": picture("cx.png"),
        },
    )
    assert answer.status_code == 302
    row = application.review_items.get()
    assert row.note.splitlines() == pasted.strip().splitlines()
    assert row.file.name == "cx.png"


def test_not_applicable_is_offered_only_where_it_is_an_answer(client_user, reviewer):
    application = submitted_application(client_user)
    page = signed_in(reviewer).get(url(application, "desk")).content.decode()
    assert page.count('value="not_applicable"') == len(MAY_BE_NOT_APPLICABLE)
    answer = signed_in(reviewer).post(
        url(application, "desk_item", "scope"), {"scope-verdict": "not_applicable", "scope-note": "不适用"}
    )
    assert answer.status_code == 422
    assert not application.review_items.exists()
