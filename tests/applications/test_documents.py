"""Documents under review: the checklist by situation, versions, verdicts on exactly one of them, and what follows."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.models import AskAgain, DocumentFinding, DocumentVerdict, Site
from applications.queries.completeness import contents_of, missing_in
from applications.queries.documents import checklist, lines_of, open_remarks
from applications.transitions import (
    ACCEPT,
    ASK,
    ATTACH,
    DETACH,
    JUDGE_DOCUMENT,
    REMOVE_SITE,
    RENEW_DOCUMENT,
    RESUBMIT,
)
from certbody import clock
from certbody.desk.models import Task
from certbody.trail.models import Event
from certbody.workflow import NotAllowed, NotReady, WrongState, perform
from tests.applications.conftest import signed_in
from tests.files.making import picture as picture_bytes
from tests.files.sending import sent
from tests.road.applications import (
    accepted_application,
    begun_application,
    checked_picture,
    picture,
    review_all,
    submitted_application,
)

pytestmark = pytest.mark.django_db
AGAIN = {"verdict": DocumentVerdict.ASK_AGAIN, "reason": AskAgain.UNREADABLE, "remark": "第二页模糊"}


@pytest.fixture
def submitted(client_user):
    return submitted_application(client_user)


@pytest.fixture
def licence(submitted):
    return submitted.documents.get(kind="legal_status")


def url(application, name, *more):
    return reverse(f"applications:{name}", args=[application.case.reference, *more])


def judge(application, reviewer, document, **verdict):
    return perform(JUDGE_DOCUMENT, application, actor=reviewer, document=document.pk, **verdict)


def asked_again(application, reviewer, document):
    judge(application, reviewer, document, **AGAIN)
    return perform(ASK, application, actor=reviewer, questions=[])


def typed(document, **values):
    return {f"document-{document.pk}-{name}": value for name, value in values.items()}


# The checklist


def test_the_checklist_groups_every_kind_by_its_situation(client_user):
    groups = checklist(contents_of(begun_application(client_user)), "en")
    assert [str(group.situation.label) for group in groups] == [
        "Always needed",
        "With several sites",
        "If your trade needs permits",
        "Before the on-site audit",
        "If you have it",
    ]
    assert sum(len(group.entries) for group in groups) == 18
    assert "You entered one site" in str(groups[1].why)


def test_with_several_sites_each_needs_its_proof_unless_one_paper_proves_all(client_user):
    draft = begun_application(client_user)
    first, second = (
        Site.objects.create(application=draft, name=name, address="深圳") for name in ("福田", "龙岗")
    )
    perform(ATTACH, draft, actor=client_user, kind="sites", upload=checked_picture(), site=first.pk)
    sentences = [str(gap.sentence) for gap in missing_in(draft)]
    assert any("Document missing for the site “龙岗”" in sentence for sentence in sentences)
    assert not any("Document missing for the site “福田”" in sentence for sentence in sentences)
    page = signed_in(client_user).get(url(draft, "section", "documents")).content.decode()
    assert "Nothing yet for the site “龙岗”." in page
    perform(ATTACH, draft, actor=client_user, kind="sites", upload=checked_picture())
    assert not any("for the site" in str(gap.sentence) for gap in missing_in(draft))
    assert second.documents.count() == 0


def test_the_proof_of_a_site_goes_with_the_site(client_user):
    draft = begun_application(client_user)
    site = Site.objects.create(application=draft, name="福田", address="深圳")
    perform(ATTACH, draft, actor=client_user, kind="sites", upload=checked_picture(), site=site.pk)
    perform(REMOVE_SITE, draft, actor=client_user, site=site.pk)
    assert lines_of(draft) == []
    assert draft.documents.get().removed_at is not None


def test_a_site_of_another_application_is_not_taken(client_user, stranger):
    draft, other = begun_application(client_user), begun_application(stranger)
    Site.objects.create(application=draft, name="福田", address="深圳")
    given = {"upload": picture(), "site": other.sites.get().pk}
    assert signed_in(client_user).post(url(draft, "document", "sites"), given).status_code == 422
    with pytest.raises(WrongState):
        perform(
            ATTACH,
            draft,
            actor=client_user,
            kind="sites",
            upload=checked_picture(),
            site=other.sites.get().pk,
        )


# Versions and verdicts


def test_a_verdict_names_the_exact_version_and_a_newer_one_is_not_seen_yet(
    client_user, reviewer, submitted, licence
):
    asked_again(submitted, reviewer, licence)
    submitted.refresh_from_db()
    perform(
        ATTACH,
        submitted,
        actor=client_user,
        kind=licence.kind,
        upload=checked_picture("new.png"),
        replaces=licence.pk,
    )
    (line,) = [line for line in lines_of(submitted) if line.document.kind == licence.kind]
    assert line.document.file.name == "new.png"
    assert line.finding is None
    assert line.is_newer_than_seen
    ((older, finding),) = line.earlier
    assert (older, finding.remark) == (licence, "第二页模糊")
    page = signed_in(reviewer).get(url(submitted, "desk_documents")).content.decode()
    assert "newer version, not yet seen" in page
    assert "1 earlier version" in page
    assert licence.file.get_absolute_url() in page
    assert (
        "1 earlier version"
        in signed_in(client_user).get(url(submitted, "section", "documents")).content.decode()
    )


def test_the_event_of_a_verdict_holds_the_hash_of_what_was_seen(reviewer, submitted, licence):
    judge(submitted, reviewer, licence, **AGAIN)
    event = Event.objects.filter(name="application.document_judged").latest("pk")
    assert event.data == {
        "revision": 1,
        "document": licence.pk,
        "sha256": licence.file.sha256,
        "verdict": "ask_again",
        "reason": "unreadable",
    }


def test_a_second_verdict_of_the_same_round_replaces_the_first(reviewer, submitted, licence):
    judge(submitted, reviewer, licence, **AGAIN)
    judge(submitted, reviewer, licence, verdict=DocumentVerdict.ACCEPTED)
    finding = DocumentFinding.objects.get()
    assert (finding.verdict, finding.reason, finding.remark) == ("accepted", "", "")
    assert open_remarks(submitted) == []


def test_the_client_reads_a_remark_once_the_reviewer_has_asked(client_user, reviewer, submitted, licence):
    judge(submitted, reviewer, licence, **AGAIN)
    browser = signed_in(client_user)
    assert "第二页模糊" not in browser.get(url(submitted, "check")).content.decode()
    perform(ASK, submitted, actor=reviewer, questions=[])
    page = browser.get(url(submitted, "section", "documents")).content.decode()
    assert page.count("第二页模糊") == 1
    assert "to be replaced" in page
    assert f"?replaces={licence.pk}" in page


def test_a_replacement_answers_the_remark_and_only_then_the_answers_can_be_sent(
    client_user, reviewer, submitted, licence
):
    asked_again(submitted, reviewer, licence)
    submitted.refresh_from_db()
    with pytest.raises(NotReady) as refused:
        perform(RESUBMIT, submitted, actor=client_user)
    assert "We asked for another version of" in str(refused.value.missing[0].sentence)
    answer = signed_in(client_user).post(
        url(submitted, "document", licence.kind), {"upload": picture(), "replaces": licence.pk}
    )
    assert answer.status_code == 302
    assert open_remarks(submitted) == []
    assert perform(RESUBMIT, submitted, actor=client_user).state == "submitted"


def test_taking_the_document_out_answers_the_remark_too(client_user, reviewer, submitted, licence):
    asked_again(submitted, reviewer, licence)
    submitted.refresh_from_db()
    perform(DETACH, submitted, actor=client_user, document=licence.pk)
    assert open_remarks(submitted) == []


def test_nothing_is_asked_without_questions_and_remarks(reviewer, submitted):
    with pytest.raises(NotReady, match="nothing to ask"):
        perform(ASK, submitted, actor=reviewer, questions=[])
    answer = signed_in(reviewer).post(reverse("step", args=["application", submitted.pk, "ask"]), {})
    assert answer.status_code == 422


def test_an_application_is_not_accepted_while_a_document_is_asked_for_again(reviewer, submitted, licence):
    review_all(submitted, reviewer)
    judge(submitted, reviewer, licence, **AGAIN)
    with pytest.raises(NotReady) as refused:
        perform(ACCEPT, submitted, actor=reviewer)
    assert "The client still has to replace" in str(refused.value.missing[0].sentence)


def test_the_database_refuses_a_finding_that_says_nothing(reviewer, submitted, licence):
    wrong = (
        {"verdict": "ask_again", "reason": ""},
        {"verdict": "accepted", "reason": "other", "remark": "x"},
        {"verdict": "ask_again", "reason": "other", "remark": ""},
        {"verdict": "gossip", "reason": ""},
    )
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            DocumentFinding.objects.create(document=licence, revision=1, person=reviewer.person, **values)
    assert not DocumentFinding.objects.exists()


# The desk pages


def test_a_reviewer_judges_on_the_page_of_the_documents(reviewer, submitted, licence):
    browser = signed_in(reviewer)
    address = url(submitted, "desk_document", licence.pk)
    answer = browser.post(address, typed(licence, **AGAIN))
    assert answer["Location"] == f"{url(submitted, 'desk_documents')}#document-{licence.pk}"
    assert "第二页模糊" in browser.get(url(submitted, "desk_documents")).content.decode()
    answer = browser.post(address, typed(licence, verdict="accepted") | {"back": "application"})
    assert answer["Location"] == f"{url(submitted, 'desk')}#document-{licence.pk}"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"verdict": "ask_again", "remark": "模糊"}, "Please say why the document is asked for again."),
        ({"verdict": "ask_again", "reason": "other"}, "Please write the other reason down."),
        ({"remark": "模糊"}, "This field is required."),
    ],
)
def test_what_is_missing_in_a_verdict_stands_beside_it_and_the_remark_stays(
    reviewer, submitted, licence, values, sentence
):
    answer = signed_in(reviewer).post(url(submitted, "desk_document", licence.pk), typed(licence, **values))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert values.get("remark", "") in page
    assert not DocumentFinding.objects.exists()


def test_who_may_judge_and_who_learns_nothing(client_user, auditor, officer, submitted, licence):
    address = url(submitted, "desk_document", licence.pk)
    assert signed_in(officer).post(address, typed(licence, verdict="accepted")).status_code == 403
    assert signed_in(auditor).post(address).status_code == 404
    assert signed_in(client_user).post(address).status_code == 404
    assert signed_in(officer).get(address).status_code == 405
    assert signed_in(auditor).get(url(submitted, "desk_documents")).status_code == 404
    assert "<legend" not in signed_in(officer).get(url(submitted, "desk_documents")).content.decode()
    with pytest.raises(NotAllowed):
        judge(submitted, client_user, licence, verdict="accepted")


def test_a_version_that_was_replaced_meanwhile_is_not_judged(client_user, reviewer, submitted, licence):
    asked_again(submitted, reviewer, licence)
    submitted.refresh_from_db()
    perform(
        ATTACH, submitted, actor=client_user, kind=licence.kind, upload=checked_picture(), replaces=licence.pk
    )
    perform(RESUBMIT, submitted, actor=client_user)
    answer = signed_in(reviewer).post(
        url(submitted, "desk_document", licence.pk), typed(licence, verdict="accepted")
    )
    assert answer.status_code == 409
    assert "There is a newer version of this document" in answer.content.decode()


def test_two_reviewers_of_one_document_see_each_other(reviewer, submitted, licence):
    browser = signed_in(reviewer)
    seen = browser.get(url(submitted, "desk_documents")).context["documents"]
    form = next(row.form for row in seen if row.line.document == licence)
    judge(submitted, reviewer, licence, **AGAIN)
    stale = typed(licence, verdict="accepted", seen=form["seen"].value())
    answer = browser.post(url(submitted, "desk_document", licence.pk), stale)
    assert answer.status_code == 409
    assert DocumentFinding.objects.get().verdict == "ask_again"


def test_the_documents_cost_the_same_queries_however_many_there_are(submitted, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert len(lines_of(submitted)) == 14
    kept = submitted.documents.order_by("pk").first()
    submitted.documents.exclude(pk=kept.pk).update(removed_at=clock.now())
    with django_assert_num_queries(2):
        assert len(lines_of(submitted)) == 1


# After the application was accepted


@pytest.fixture
def accepted(client_user, reviewer):
    return accepted_application(client_user, reviewer)


def test_an_accepted_client_brings_a_newer_licence_and_the_reviewed_one_stays(
    client_user, reviewer, accepted
):
    older = accepted.documents.get(kind="legal_status")
    browser, address = signed_in(client_user), url(accepted, "document_renew", older.pk)
    assert older.file.name in browser.get(address).content.decode()
    row = sent(browser, accepted, picture_bytes("PNG"), name="renewed.png", kind=older.kind)
    answer = browser.post(address, {"upload_arrived": [str(row.pk)], "expires_on": "2099-01-01"})
    assert answer["Location"] == url(accepted, "overview")
    older.refresh_from_db()
    assert (older.replaced_by.file.name, str(older.replaced_by.expires_on)) == ("renewed.png", "2099-01-01")
    assert (
        Task.objects.filter(kind="application.document_renewed", role="reviewer", closed_at=None).count() == 1
    )
    judge(accepted, reviewer, older.replaced_by, verdict=DocumentVerdict.ACCEPTED)
    assert not Task.objects.filter(kind="application.document_renewed", closed_at=None).exists()
    accepted.refresh_from_db()
    assert accepted.state == "accepted"


def test_a_renewed_document_that_is_not_good_waits_for_the_client_again(client_user, reviewer, accepted):
    older = accepted.documents.get(kind="legal_status")
    judge(accepted, reviewer, older, **AGAIN)
    task = Task.objects.get(kind="document.asked_again", closed_at=None)
    assert (task.organisation, task.path) == (
        accepted.case.organisation,
        url(accepted, "document_renew", older.pk),
    )
    assert "第二页模糊" in signed_in(client_user).get(task.path).content.decode()
    perform(RENEW_DOCUMENT, accepted, actor=client_user, document=older.pk, upload=checked_picture())
    assert not Task.objects.filter(kind="document.asked_again", closed_at=None).exists()


def test_a_renewal_before_the_acceptance_is_refused(client_user, submitted, licence):
    browser, address = signed_in(client_user), url(submitted, "document_renew", licence.pk)
    assert browser.get(address)["Location"] == url(submitted, "check")
    assert browser.post(address, {"upload": picture()}).status_code == 409


def test_a_renewal_by_others_or_a_second_time_finds_nothing(client_user, stranger, officer, accepted):
    older = accepted.documents.get(kind="legal_status")
    browser, address = signed_in(client_user), url(accepted, "document_renew", older.pk)
    assert address in browser.get(url(accepted, "overview")).content.decode()
    assert signed_in(stranger).get(address).status_code == 404
    assert signed_in(officer).get(address).status_code == 302
    assert browser.post(address, {"upload": picture()}).status_code == 302
    assert browser.post(address, {"upload": picture()}).status_code == 404


def test_an_expiring_document_is_renewed_by_one_that_says_until_when(client_user, accepted):
    older = accepted.documents.get(kind="legal_status")
    older.expires_on = clock.today() + timedelta(days=5)
    older.save(update_fields=["expires_on"])
    answer = signed_in(client_user).post(url(accepted, "document_renew", older.pk), {"upload": picture()})
    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()
