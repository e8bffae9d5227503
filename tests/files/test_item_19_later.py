"""Item 19: a file that was clean when it came and is found infected later is closed, and those concerned are told."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from applications.models import Application, ApplicationDocument, Site
from applications.queries.completeness import missing_in
from applications.transitions import (
    ACCEPT,
    ACCEPT_SCAN,
    ATTACH,
    JUDGE_DOCUMENT,
    REMOVE_SITE,
    RENEW_DOCUMENT,
    SUBMIT,
    UPLOAD_SCAN,
    WITHDRAW,
)
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.files import previews
from certbody.files.checks import check_upload
from certbody.files.models import Quarantine, Scan, StoredFile
from certbody.files.storage import private_root, store
from certbody.files.transitions import RELEASE
from certbody.outbox import sweeper
from certbody.outbox.models import Job, Message
from certbody.trail.models import Event
from certbody.workflow import NotAllowed, NotReady, WrongState, missing_for, perform
from tests.applications.conftest import signed_in
from tests.files.clamd import EICAR, judged
from tests.files.making import picture
from tests.files.nights import CLEAN, Scanning, later_infected, night, open_tasks
from tests.road.applications import (
    accepted_application,
    begun_application,
    checked_picture,
    complete_application,
    offered_contract,
)
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def handed_in(application: Application, client: User, **facts: Any) -> ApplicationDocument:
    perform(ATTACH, application, actor=client, upload=later_infected(), **({"kind": "profile"} | facts))
    return application.documents.latest("pk")


def submitted_with_infection(client: User) -> ApplicationDocument:
    application = complete_application(client)
    document = handed_in(application, client)
    perform(SUBMIT, application, actor=client)
    return ApplicationDocument.objects.get(pk=document.pk)


@pytest.fixture
def quality(db: None) -> User:
    return make_user(Role.QUALITY)


@pytest.fixture
def found(client_user: User, scanning: Scanning) -> Quarantine:
    """A document of a submitted application after the night in which its infection was found."""
    submitted_with_infection(client_user)
    with scanning(judged):
        night()
    return Quarantine.objects.get()


# What follows when something is found


def test_item_19_a_file_found_infected_later_is_closed_for_everybody_and_its_picture_goes(
    scanning, client_user, reviewer, quality, django_capture_on_commit_callbacks
):
    document = submitted_with_infection(client_user)
    stored, picture_of_it = document.file, previews.path_of(document.file)
    previews._write(picture_of_it, picture("PNG"))
    for user in (client_user, reviewer, quality):
        assert signed_in(user).get(reverse("files:preview", args=[stored.pk])).status_code == 200
        assert signed_in(user).get(stored.get_absolute_url()).status_code == 200
    with scanning(judged), django_capture_on_commit_callbacks(execute=True):
        night()
    assert not picture_of_it.exists()
    previews._write(picture_of_it, picture("PNG"))  # even one that came back is not given out
    for user in (client_user, reviewer, quality):
        answer = signed_in(user).get(stored.get_absolute_url())
        assert answer.status_code == 410
        assert "nobody can open, save or preview this file" in answer.content.decode()
        assert signed_in(user).get(reverse("files:preview", args=[stored.pk])).status_code == 404
    picture_of_it.unlink()
    assert previews.draw_preview(Job(object_id=str(stored.pk))) == ""
    assert not picture_of_it.exists()


def test_item_19_a_stranger_learns_nothing_of_a_closed_file(found, stranger, auditor):
    for user in (stranger, auditor):
        assert signed_in(user).get(found.file.get_absolute_url()).status_code == 404
        assert signed_in(user).get(f"/steps/quarantine/{found.pk}/keep/").status_code == 404


def test_item_19_row_and_bytes_stay_and_the_trail_says_what_was_found_and_names_nobody(found):
    event = Event.objects.get(name="file.quarantined")
    assert event.case == found.file.case
    assert event.data == {
        "file": str(found.file.pk),
        "kind": "profile",
        "sha256": found.file.sha256,
        "infection": "Eicar-Test-Signature",
    }
    assert "张三" not in str(event.data)
    assert (private_root() / found.file.path).read_bytes().endswith(EICAR)
    with pytest.raises(DatabaseError), transaction.atomic():
        StoredFile.objects.filter(pk=found.file.pk).update(name="x")


def test_item_19_the_uploader_gets_one_mail_in_the_language_of_the_account(scanning, client_user):
    client_user.language = "zh-hans"
    client_user.save(update_fields=["language"])
    document = submitted_with_infection(client_user)
    with scanning(judged):
        night()
        with clock.at(clock.now() + timedelta(days=1)):
            night()
    (message,) = Message.objects.filter(kind="file.quarantined")
    mail.outbox.clear()
    sweeper._send(message)
    (sent_mail,) = mail.outbox
    assert sent_mail.to == [client_user.email]
    assert "恶意软件" in sent_mail.subject
    assert document.file.get_absolute_url() in sent_mail.body
    assert "张三" not in sent_mail.subject + sent_mail.body


def test_item_19_who_left_is_not_told_but_those_who_act_for_the_client_now(scanning, client_user, stranger):
    document = submitted_with_infection(client_user)
    left = client_user.person.memberships.get()
    left.organisation.memberships.create(person=stranger.person, role=left.role)
    left.ended_at = clock.now()
    left.save(update_fields=["ended_at"])
    with scanning(judged):
        night()
    assert Message.objects.get(kind="file.quarantined").recipient == stranger.email
    assert document.file.uploaded_by == client_user


def test_item_19_reviewer_client_and_quality_manager_have_their_tasks(found):
    organisation = found.case.organisation_id
    assert open_tasks("document.file_closed") == {f"organisation {organisation}", "role reviewer"}
    assert open_tasks("files.quarantined") == {"role quality"}


def test_item_19_a_known_infection_is_refused_and_a_copy_that_slipped_in_is_closed_the_next_night(
    found, scanning, stranger
):
    """A picture is written anew, so the scanner may not know the upload of what it knows as a stored file."""
    draft = begun_application(stranger)
    content = (private_root() / found.file.path).read_bytes()
    with scanning(lambda _content: CLEAN):
        again = Scan.objects.get(sha256=_stored_as(picture("PNG")))
    Scan.objects.filter(pk=again.pk).update(infection="Later-Known")
    address = reverse("applications:document", args=[draft.case.reference, "profile"])
    with scanning(lambda _content: CLEAN):
        page = signed_in(stranger).post(address, {"upload": SimpleUploadedFile("a.png", picture("PNG"))})
    assert page.status_code == 422
    assert "carries malicious software" in page.content.decode()
    again.delete()
    copy = store(content=content, name="copy.png", kind="profile", case=draft.case, uploaded_by=stranger)
    with scanning(judged), clock.at(clock.now() + timedelta(days=1)):
        night()
    assert Quarantine.objects.filter(file=copy).exists()
    assert Quarantine.objects.count() == 2


def _stored_as(content: bytes) -> str:
    """The hash under which a picture is stored after it was written anew."""
    checked = check_upload(SimpleUploadedFile("a.png", content))
    return store(content=checked, name="a.png", kind="probe").sha256


# The clean copy


def test_item_19_a_draft_lacks_the_document_until_a_clean_copy_is_there(scanning, client_user):
    application = complete_application(client_user)
    older = application.documents.get(kind="legal_status")
    document = handed_in(
        application, client_user, kind=older.kind, replaces=older.pk, expires_on=older.expires_on
    )
    assert missing_in(application) == []
    with scanning(judged):
        night()
    said = " ".join(str(item.sentence) for item in missing_in(application))
    assert "Document missing" in said
    assert "“张三身份证.png” was closed because malicious software was found in it" in said
    page = signed_in(client_user).get(document.file.get_absolute_url()).content.decode()
    way = reverse("applications:document", args=[application.case.reference, older.kind])
    assert f"{way}?replaces={document.pk}" in page
    overview = signed_in(client_user).get(
        reverse("applications:section", args=[application.case.reference, "documents"])
    )
    assert "clean copy needed" in overview.content.decode()
    perform(
        ATTACH,
        application,
        actor=client_user,
        kind=older.kind,
        upload=checked_picture(),
        replaces=document.pk,
        expires_on=older.expires_on,
    )
    assert missing_in(application) == []
    assert open_tasks("document.file_closed") == set()


def test_item_19_during_the_review_only_the_closed_document_is_replaced_and_nothing_is_accepted_before(
    found, client_user, reviewer, scanning
):
    document = ApplicationDocument.objects.get(file=found.file)
    application = Application.objects.get(pk=document.application_id)
    assert any(
        "malicious software" in str(one.sentence) for one in missing_for(ACCEPT, application, reviewer)
    )
    with pytest.raises(NotReady, match="nobody can read it"):
        perform(JUDGE_DOCUMENT, application, actor=reviewer, document=document.pk, verdict="accepted")
    other = application.documents.exclude(pk=document.pk).first()
    with pytest.raises(NotReady, match="only a document that was closed"):
        perform(RENEW_DOCUMENT, application, actor=client_user, document=other.pk, upload=checked_picture())
    browser = signed_in(client_user)
    address = reverse("applications:document_renew", args=[application.case.reference, document.pk])
    assert "clean.png" not in browser.get(address).content.decode()
    with scanning(judged):
        answer = browser.post(address, {"upload": SimpleUploadedFile("clean.png", picture("PNG"))})
    assert answer.status_code == 302
    assert not any("malicious" in str(one.sentence) for one in missing_for(ACCEPT, application, reviewer))
    assert open_tasks("document.file_closed") == set()
    assert open_tasks("application.document_renewed") == {"role reviewer"}


def test_item_19_nobody_waits_for_a_copy_of_a_proof_that_went_with_its_site(scanning, client_user):
    application = complete_application(client_user)
    site = Site.objects.create(application=application, name="福田", address="深圳")
    handed_in(application, client_user, kind="sites", site=site.pk)
    with scanning(judged):
        night()
    assert open_tasks("document.file_closed") != set()
    perform(REMOVE_SITE, application, actor=client_user, site=site.pk)
    assert open_tasks("document.file_closed") == set()


def test_item_19_nobody_waits_for_a_copy_once_the_application_has_ended(found, client_user):
    application = Application.objects.get(case=found.case)
    perform(WITHDRAW, application, actor=client_user)
    assert open_tasks("document.file_closed") == set()
    page = signed_in(client_user).get(found.file.get_absolute_url()).content.decode()
    assert "Upload a clean copy" not in page


def test_item_19_an_infected_scan_of_a_contract_is_not_accepted_and_is_uploaded_again(scanning, client_user):
    officer = make_user(Role.CONTRACTS)
    contract = offered_contract(accepted_application(client_user), officer)
    perform(UPLOAD_SCAN, contract, actor=client_user, upload=later_infected("signed.png"))
    with scanning(lambda content: judged(content) if EICAR in content else CLEAN):
        night()
    contract.refresh_from_db()
    with pytest.raises(NotReady) as refused:
        perform(ACCEPT_SCAN, contract, actor=officer, sha256=contract.signed_scan.sha256)
    assert "malicious software was found" in str(refused.value.missing[0].sentence)
    assert open_tasks("contract.accept") == {f"organisation {contract.case.organisation_id}"}
    page = signed_in(client_user).get(reverse("applications:contract", args=[contract.number]))
    assert "Please upload a clean scan." in page.content.decode()
    perform(UPLOAD_SCAN, contract, actor=client_user, upload=checked_picture("signed.png"))
    contract.refresh_from_db()
    perform(ACCEPT_SCAN, contract, actor=officer, sha256=contract.signed_scan.sha256)


# What the quality manager does


def test_item_19_the_quality_manager_keeps_a_file_closed_and_the_task_ends(found, quality):
    browser, address = signed_in(quality), f"/steps/quarantine/{found.pk}/keep/"
    assert "Eicar-Test-Signature" in browser.get(found.file.get_absolute_url()).content.decode()
    assert browser.post(address).status_code == 302
    assert open_tasks("files.quarantined") == set()
    assert browser.get(found.file.get_absolute_url()).status_code == 410
    assert browser.post(address).status_code == 409


def test_item_19_a_false_alarm_is_released_once_the_scanner_has_taken_its_word_back(found, quality, scanning):
    with pytest.raises(NotReady) as refused:
        perform(RELEASE, found, actor=quality, reason="假警报")
    assert "still finds “Eicar-Test-Signature”" in str(refused.value.missing[0].sentence)
    with scanning(lambda _content: CLEAN), clock.at(clock.now() + timedelta(days=1)):
        night()
    browser, address = signed_in(quality), f"/steps/quarantine/{found.pk}/release/"
    assert browser.get(found.file.get_absolute_url()).status_code == 410  # clean is not yet released
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert browser.post(address, {"reason": "病毒库误报，已核实"}).status_code == 302
    assert browser.get(found.file.get_absolute_url()).status_code == 200
    assert open_tasks("document.file_closed") == open_tasks("files.quarantined") == set()
    found.refresh_from_db()
    assert (found.state, found.release_reason) == ("released", "病毒库误报，已核实")
    with pytest.raises(WrongState):
        perform(RELEASE, found, actor=quality, reason="once more")


def test_item_19_nobody_else_keeps_or_releases(found, reviewer, client_user):
    for user in (reviewer, client_user):
        assert signed_in(user).post(f"/steps/quarantine/{found.pk}/keep/").status_code == 403
        with pytest.raises(NotAllowed):
            perform(RELEASE, found, actor=user, reason="x")
    assert signed_in(reviewer).put(f"/steps/quarantine/{found.pk}/keep/").status_code == 405


def test_item_19_the_database_keeps_what_was_found(found):
    rows = Quarantine.objects.filter(pk=found.pk)
    for change in (
        rows.delete,
        lambda: rows.update(infection="nothing"),
        lambda: rows.update(state="released"),
        lambda: Quarantine.objects.create(file=found.file, infection="again"),
        lambda: Quarantine.objects.create(file=StoredFile.objects.exclude(pk=found.file_id).first()),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
