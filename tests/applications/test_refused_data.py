"""What a step refuses of its data although nobody is in the wrong state: limits, rows that are gone, rows of others."""

import pytest

from applications.catalogue.review_items import ITEMS
from applications.models import ApplicationDocument, Site, Verdict
from applications.services.applications import MOST_DOCUMENTS_OF_A_KIND, MOST_SITES
from applications.transitions import ANSWER, ASK, ATTACH, REMOVE_SITE, REVIEW_ITEM, SAVE, SAVE_SITE
from certbody.files.models import StoredFile
from certbody.workflow import NotReady, WrongState, perform
from tests.road.applications import begun_application, checked_picture, submitted_application

pytestmark = pytest.mark.django_db

QUESTIONS = [{"section": "scope", "text": "是否包括网上销售？"}]


@pytest.fixture
def draft(client_user):
    return begun_application(client_user)


def test_a_section_takes_no_field_that_is_not_its_own(client_user, draft):
    with pytest.raises(ValueError, match="not of section scope: \\['headcount', 'state'\\]"):
        perform(
            SAVE,
            draft,
            actor=client_user,
            section="scope",
            values={"scope": "别的", "headcount": 9, "state": "accepted"},
        )
    draft.refresh_from_db()
    assert (draft.scope, draft.state, draft.edits) == ("", "draft", {})


def test_an_application_takes_three_hundred_sites_and_no_more(client_user, draft):
    Site.objects.bulk_create(
        Site(application=draft, name=f"网点{number}", address="深圳") for number in range(2, MOST_SITES)
    )
    perform(SAVE_SITE, draft, actor=client_user, values={"name": "最后一个", "address": "深圳"})
    with pytest.raises(NotReady, match="at most 300 sites"):
        perform(SAVE_SITE, draft, actor=client_user, values={"name": "多一个", "address": "深圳"})
    assert draft.sites.count() == MOST_SITES
    assert not draft.sites.filter(name="多一个").exists()


@pytest.mark.parametrize("step", [SAVE_SITE, REMOVE_SITE], ids=lambda step: step.name)
def test_a_step_reaches_no_site_of_another_application(client_user, stranger, draft, step):
    foreign = begun_application(stranger).sites.get()
    data = {"values": {"name": "x"}} if step is SAVE_SITE else {}
    with pytest.raises(WrongState, match="This site no longer exists"):
        perform(step, draft, actor=client_user, site=foreign.pk, **data)
    assert Site.objects.get(pk=foreign.pk).name == foreign.name


def test_a_document_replaces_only_one_that_is_still_there(client_user, draft):
    perform(ATTACH, draft, actor=client_user, kind="permits", upload=checked_picture())
    first = draft.documents.get()
    perform(ATTACH, draft, actor=client_user, kind="permits", upload=checked_picture(), replaces=first.pk)
    with pytest.raises(WrongState, match="The document to be replaced is no longer there"):
        perform(ATTACH, draft, actor=client_user, kind="permits", upload=checked_picture(), replaces=first.pk)
    assert draft.documents.count() == 2


def test_thirty_files_of_a_kind_are_enough_and_one_of_them_can_still_be_replaced(client_user, draft):
    perform(ATTACH, draft, actor=client_user, kind="permits", upload=checked_picture())
    held = draft.documents.get()
    ApplicationDocument.objects.bulk_create(
        ApplicationDocument(application=draft, kind="permits", file=held.file)
        for _number in range(MOST_DOCUMENTS_OF_A_KIND - 1)
    )
    files = StoredFile.objects.count()
    with pytest.raises(NotReady, match="At most 30 files of a kind"):
        perform(ATTACH, draft, actor=client_user, kind="permits", upload=checked_picture())
    assert (draft.documents.count(), StoredFile.objects.count()) == (MOST_DOCUMENTS_OF_A_KIND, files)
    perform(ATTACH, draft, actor=client_user, kind="permits", upload=checked_picture(), replaces=held.pk)
    assert draft.documents.filter(replaced_by=None).count() == MOST_DOCUMENTS_OF_A_KIND


def test_the_review_knows_its_own_items_only(client_user, reviewer):
    application = submitted_application(client_user)
    with pytest.raises(ValueError, match="no review item 'weather'"):
        perform(REVIEW_ITEM, application, actor=reviewer, key="weather", verdict=Verdict.FULFILLED)
    assert not application.review_items.exists()


def test_a_look_into_a_public_register_is_fulfilled_only_with_its_day(client_user, reviewer):
    application = submitted_application(client_user)
    item = next(item.key for item in ITEMS if item.needs_day)
    with pytest.raises(NotReady, match="Please record the day of this check"):
        perform(REVIEW_ITEM, application, actor=reviewer, key=item, verdict=Verdict.FULFILLED)
    assert not application.review_items.exists()
    perform(REVIEW_ITEM, application, actor=reviewer, key=item, verdict=Verdict.OPEN, note="网站无法打开")
    assert application.review_items.get().verdict == Verdict.OPEN


def test_a_question_of_another_application_is_not_answered(client_user, stranger, reviewer):
    own, foreign = submitted_application(client_user), submitted_application(stranger)
    for application in (own, foreign):
        perform(ASK, application, actor=reviewer, questions=QUESTIONS)
    asked = foreign.questions.get()
    with pytest.raises(WrongState, match="This question is no longer open"):
        perform(ANSWER, own, actor=client_user, question=asked.pk, answer="是")
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_at) == ("", None)
