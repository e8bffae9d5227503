"""What a returned application asks of its client: one page in the order of doing, one main button, true states."""

import pytest
from django.urls import reverse

from applications.models import DocumentVerdict
from applications.queries.asked import asked_in
from applications.transitions import ANSWER, ASK, ATTACH, JUDGE_DOCUMENT
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import begun_application, checked_picture, picture, submitted_application

pytestmark = pytest.mark.django_db
MAIN = 'btn-primary"'


def url(application, name, *more):
    return reverse(f"applications:{name}", args=[application.case.reference, *more])


def page_of(user, address):
    return signed_in(user).get(address).content.decode()


@pytest.fixture
def returned(client_user, reviewer):
    """Asked for one document again and for one answer."""
    application = submitted_application(client_user)
    licence = application.documents.get(kind="legal_status")
    perform(
        JUDGE_DOCUMENT,
        application,
        actor=reviewer,
        document=licence.pk,
        verdict=DocumentVerdict.ASK_AGAIN,
        reason="unreadable",
        remark="第二页模糊",
    )
    question = {"section": "scope", "item": "", "text": "是否包括网上销售？"}
    perform(ASK, application, actor=reviewer, questions=[question])
    application.refresh_from_db()
    return application


def replace_licence(application, user):
    licence = application.documents.get(kind="legal_status", replaced_by=None)
    perform(
        ATTACH,
        application,
        actor=user,
        kind="legal_status",
        replaces=licence.pk,
        site=None,
        upload=checked_picture(),
        number="",
        expires_on=None,
        is_stamped=False,
    )


def answer(application, user):
    perform(ANSWER, application, actor=user, question=application.questions.get().pk, answer="不包括。")


def test_the_page_counts_what_is_asked_and_leads_from_top_to_bottom(client_user, returned):
    page = page_of(client_user, url(returned, "questions"))
    places = [
        page.index(words) for words in ("Replace one document", "Answer one question", "Send everything back")
    ]
    assert places == sorted(places)
    assert "0 of 2 done." in page
    assert page.count("第二页模糊") == 1


def test_the_one_main_button_is_the_next_thing_to_do(client_user, returned):
    address = url(returned, "questions")
    first = page_of(client_user, address)
    assert first.count(MAIN) == 1
    assert 'btn-primary" href="' in first
    replace_licence(returned, client_user)
    second = page_of(client_user, address)
    assert second.count(MAIN) == 1
    assert 'id="save-answers" class="btn btn-primary"' in second
    assert "1 of 2 done." in second
    answer(returned, client_user)
    third = page_of(client_user, address)
    assert third.count(MAIN) == 1
    assert f'btn-primary" href="/steps/application/{returned.pk}/resubmit/"' in third
    assert "2 of 2 done." in third


def test_a_save_while_typing_hands_the_main_button_on(client_user, returned):
    replace_licence(returned, client_user)
    browser, address = signed_in(client_user), url(returned, "questions")
    form = browser.get(address).context["form"]
    field = f"answer_{returned.questions.get().pk}"
    sent = {field: "不包括。", "seen": form["seen"].value()}
    page = browser.post(address, sent, headers={"X-Autosave": "1"}).content.decode()
    assert '<button id="save-answers" class="btn" ' in page
    assert page.count(MAIN) == 1
    assert "2 of 2 done." in page


def test_whoever_has_replaced_a_document_goes_on_with_what_else_is_asked(client_user, returned):
    licence = returned.documents.get(kind="legal_status")
    sent = {"upload": picture(), "replaces": licence.pk}
    answer = signed_in(client_user).post(url(returned, "document", "legal_status"), sent)
    assert answer["Location"] == url(returned, "questions")


def test_a_document_that_was_brought_again_is_counted_as_done(client_user, returned):
    replace_licence(returned, client_user)
    asked = asked_in(returned)
    assert (asked.done, asked.total, len(asked.brought)) == (1, 2, 1)


def test_nothing_is_asked_of_a_draft(client_user):
    assert asked_in(begun_application(client_user)) is None


def test_the_overview_says_once_what_is_asked_and_leads_there(client_user, returned):
    page = page_of(client_user, url(returned, "overview"))
    assert page.count("是否包括网上销售？") == 1
    assert page.count(MAIN) == 1
    assert f'btn-primary" href="{url(returned, "questions")}"' in page
    assert "We asked for another version of" not in page


def test_the_section_of_documents_is_not_complete_while_a_remark_is_open(client_user, returned):
    states = 'id="state-documents" class="cb-step-state">'
    before = page_of(client_user, url(returned, "overview")).partition(states)[2].partition("</li>")[0]
    assert "1 to replace" in before
    assert "complete" not in before
    replace_licence(returned, client_user)
    after = page_of(client_user, url(returned, "overview")).partition(states)[2].partition("</li>")[0]
    assert "complete" in after


def test_a_remark_that_is_still_the_reviewer_s_draft_changes_no_state(client_user, reviewer):
    application = submitted_application(client_user)
    licence = application.documents.get(kind="legal_status")
    found = {"verdict": DocumentVerdict.ASK_AGAIN, "reason": "unreadable", "remark": "第二页模糊"}
    perform(JUDGE_DOCUMENT, application, actor=reviewer, document=licence.pk, **found)
    assert asked_in(application) is None
    assert "第二页模糊" not in page_of(client_user, url(application, "paper"))


def test_exclusions_wait_for_the_kind_of_goods_and_say_so(client_user):
    draft = begun_application(client_user)
    state = 'id="state-exclusions" class="cb-step-state">'
    page = page_of(client_user, url(draft, "section", "exclusions"))
    assert "after the kind of goods" in page.partition(state)[2].partition("</li>")[0]
    assert page.count(MAIN) == 1
    assert 'id="section-form"' not in page
    draft.goods = "tangible"
    draft.save()
    page = page_of(client_user, url(draft, "section", "exclusions"))
    assert "complete" in page.partition(state)[2].partition("</li>")[0]
    assert 'id="section-form"' in page


def test_the_page_of_documents_says_each_lack_once(client_user):
    draft = begun_application(client_user)
    page = page_of(client_user, url(draft, "section", "documents")).partition("<h1>")[2]
    assert "Still missing here" not in page
    assert "documents that are always needed are missing." in page
    assert page.count('cb-checklist-name">Proof of legal status') == 1
    assert page.count("Document missing") == 0


def test_a_fresh_application_leads_to_the_first_section_instead_of_listing_everything(client_user):
    draft = begun_application(client_user)
    page = page_of(client_user, url(draft, "overview"))
    assert page.count(MAIN) == 1
    assert f'btn-primary" href="{url(draft, "section", "organisation")}"' in page
    assert "Document missing" not in page
