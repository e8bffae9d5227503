"""What a resubmission changed, and which question it answers."""

import pytest
from django.db import DatabaseError, transaction

from applications.catalogue.sections import desk_url
from applications.models import ApplicationSubmission, Verdict
from applications.queries import documents_in_force
from applications.queries.resubmission import Change, changes_in
from applications.transitions import (
    ANSWER,
    ASK,
    ATTACH,
    DETACH,
    REMOVE_SITE,
    REOPEN,
    RESUBMIT,
    REVIEW_ITEM,
    SAVE,
    SAVE_EXCLUSIONS,
    SAVE_SITE,
)
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import (
    accepted_application,
    checked_picture,
    review_all,
    site_values,
    submitted_application,
)

pytestmark = pytest.mark.django_db
QUESTION = {"section": "scope", "item": "scope", "text": "是否包括网上销售？", "reason": "contradictory"}


def asked(client_user, reviewer, *questions):
    application = submitted_application(client_user)
    perform(ASK, application, actor=reviewer, questions=[QUESTION, *questions])
    return application


def answered(application, client_user):
    for question in application.questions.filter(revision=application.revision):
        perform(ANSWER, application, actor=client_user, question=question.pk, answer="包括网上销售")
    perform(RESUBMIT, application, actor=client_user)
    application.refresh_from_db()
    found = changes_in(application, "en")
    return {section.key: section for section in found.sections}


def test_a_first_submission_has_no_changes_and_its_contents_are_kept(client_user):
    application = submitted_application(client_user)
    assert changes_in(application, "en") is None
    kept = application.submissions.get()
    assert kept.content["fields"]["scope"] == application.scope
    assert set(kept.content["documents"]) == {str(row.pk) for row in documents_in_force(application)}


def test_kept_contents_are_written_once(client_user):
    application = submitted_application(client_user)
    with pytest.raises(DatabaseError), transaction.atomic():
        ApplicationSubmission.objects.filter(application=application).update(content={})


def test_changed_fields_stand_beside_the_question_of_their_section(client_user, reviewer):
    application = asked(client_user, reviewer)
    before = application.scope
    values = {"scope": "家电销售（含网上销售）及售后", "goods": "mixed"}
    perform(SAVE, application, actor=client_user, section="scope", values=values)
    sections = answered(application, client_user)
    assert set(sections) == {"scope"}
    assert sections["scope"].changes == [
        Change("Scope in Chinese", before, values["scope"]),
        Change("Kind of goods", "tangible goods", "tangible and intangible goods"),
    ]
    assert [question.answer for question in sections["scope"].questions] == ["包括网上销售"]


def test_a_section_that_was_asked_about_and_left_as_it_was_shows_its_answer(client_user, reviewer):
    sections = answered(asked(client_user, reviewer), client_user)
    assert sections["scope"].changes == []
    assert len(sections["scope"].questions) == 1


def test_documents_are_replaced_added_and_taken_out(client_user, reviewer):
    application = asked(client_user, reviewer)
    replaced, removed, *_others = list(documents_in_force(application).order_by("pk"))
    for name in ("second.png", "third.png"):  # what was handed in between counts for nothing
        older = documents_in_force(application).get(kind=replaced.kind)
        perform(
            ATTACH, application, actor=client_user, kind=replaced.kind, upload=checked_picture(name),
            replaces=older.pk, expires_on=replaced.expires_on,
        )  # fmt: skip
    perform(DETACH, application, actor=client_user, document=removed.pk)
    perform(
        ATTACH, application, actor=client_user, kind=removed.kind, upload=checked_picture("anew.png"),
        expires_on=removed.expires_on,
    )  # fmt: skip
    pairs = {
        (change.before[:12], change.now[:12])
        for change in answered(application, client_user)["documents"].changes
    }
    assert pairs == {
        (replaced.file.name[:12], "third.png"),
        ("", "anew.png"),
        (removed.file.name[:12], ""),
    }


def test_sites_and_exclusions_are_compared_row_by_row(client_user, reviewer):
    application = asked(client_user, reviewer)
    head = application.sites.get()
    branch = site_values({"headcount": 4, "service_management_headcount": 1, "managers_trained": 1}) | {
        "name": "龙岗网点",
        "name_en": "Longgang outlet",
        "address": "深圳市龙岗区一路2号",
    }
    perform(SAVE_SITE, application, actor=client_user, values=branch)
    perform(SAVE_SITE, application, actor=client_user, site=head.pk, values={"headcount": 36})
    perform(SAVE_EXCLUSIONS, application, actor=client_user, reasons={"5.2.4.1": "不涉及"})
    perform(ATTACH, application, actor=client_user, kind="sites", upload=checked_picture("sites.png"))
    sections = answered(application, client_user)
    assert Change("龙岗网点", "", "Site added") in sections["sites"].changes
    assert any(
        change.label.startswith(head.name) and (change.before, change.now) == ("40", "36")
        for change in sections["sites"].changes
    )
    assert sections["exclusions"].changes == [Change("5.2.4.1", "", "不涉及")]
    perform(ASK, application, actor=reviewer, questions=[QUESTION])
    site = application.sites.get(name="龙岗网点")
    perform(REMOVE_SITE, application, actor=client_user, site=site.pk)
    assert Change("龙岗网点", "Site removed", "") in answered(application, client_user)["sites"].changes


def test_what_was_settled_and_left_alone_says_from_which_submission_it_comes(client_user, reviewer):
    application = submitted_application(client_user)
    review_all(application, reviewer)
    perform(
        REVIEW_ITEM, application, actor=reviewer, key="exclusions", verdict=Verdict.NOT_APPLICABLE, note="无"
    )
    perform(ASK, application, actor=reviewer, questions=[QUESTION])
    answered(application, client_user)
    perform(ASK, application, actor=reviewer, questions=[QUESTION])
    answered(application, client_user)
    kept = application.review_items.filter(revision=3)
    assert set(kept.values_list("carried_from", flat=True)) == {1}
    assert kept.get(key="exclusions").verdict == Verdict.NOT_APPLICABLE
    assert not kept.filter(key="scope").exists()
    page = signed_in(reviewer).get(desk_url(application)).content.decode()
    assert "carried over from submission 1" in page
    assert "Changed since submission 2" in page
    perform(REVIEW_ITEM, application, actor=reviewer, key="means", verdict=Verdict.FULFILLED)
    assert application.review_items.get(revision=3, key="means").carried_from is None


def test_facts_that_changed_at_stage_1_are_shown_against_what_was_accepted(client_user, reviewer):
    application = accepted_application(client_user, reviewer)
    perform(REOPEN, application, actor=None, changes={"headcount": 90})
    application.refresh_from_db()
    (section,) = changes_in(application, "en").sections
    assert [(change.before, change.now) for change in section.changes] == [("40", "90")]


def test_contents_that_were_never_kept_are_no_fault(client_user, reviewer, monkeypatch):
    application = accepted_application(client_user, reviewer)
    monkeypatch.setattr("applications.services.review.keep_contents", lambda *_args, **_more: None)
    perform(REOPEN, application, actor=None, changes={"headcount": 90})
    application.refresh_from_db()
    assert not changes_in(application, "en").is_known
    assert "were not kept" in signed_in(reviewer).get(desk_url(application)).content.decode()
