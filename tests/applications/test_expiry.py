"""Expiry dates are watched for as long as the case or its certificate lives; each day is told once."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from applications.services import expiry
from applications.tasks import watch_documents
from applications.transitions import ASK, RENEW_DOCUMENT, WITHDRAW
from certbody import clock, facts
from certbody.accounts.models import Organisation
from certbody.accounts.roles import Role
from certbody.body.models import BodySetting
from certbody.desk.models import Task
from certbody.outbox.models import Message
from certbody.outbox.sweeper import sweep
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.road.applications import (
    accepted_application,
    checked_picture,
    submitted_application,
)
from tests.road.people import make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def accepted(client_user, reviewer):
    """Accepted, of a client whom nobody of the body looks after by name."""
    application = accepted_application(client_user, reviewer)
    Organisation.objects.update(customer_service_owner=None)
    application.case.organisation.refresh_from_db()
    return application


@pytest.fixture
def licence(accepted):
    """The licence of an accepted application, which ends in a hundred days."""
    return ends_in(accepted, 100)


def ends_in(application, days):
    row = application.documents.get(kind="legal_status")
    row.expires_on = clock.today() + timedelta(days=days)
    row.save(update_fields=["expires_on"])
    return row


def open_tasks():
    tasks = Task.objects.filter(kind__startswith="document.ex", closed_at=None)
    return sorted((task.kind, task.audience.partition(" ")[0]) for task in tasks)


def on(day):
    return clock.at(day)


def test_sixty_days_before_client_and_body_are_told_once(licence):
    with on(licence.expires_on - timedelta(days=61)):
        watch_documents()
    assert open_tasks() == []
    for day in (60, 59, 1, 0):
        with on(licence.expires_on - timedelta(days=day)):
            watch_documents()
    assert open_tasks() == [("document.expiring", "organisation"), ("document.expiring", "role")]
    assert Task.objects.filter(kind="document.expiring").count() == 2
    assert Task.objects.filter(kind="document.expiring").first().due_on == licence.expires_on


def test_the_day_after_it_has_expired_and_only_that_is_said(licence):
    with on(licence.expires_on):
        watch_documents()
    for day in (1, 2, 300):
        with on(licence.expires_on + timedelta(days=day)):
            watch_documents()
    assert open_tasks() == [("document.expired", "organisation"), ("document.expired", "role")]
    assert Task.objects.filter(kind="document.expired").count() == 2


def test_the_newer_version_closes_what_waits_and_is_watched_itself(client_user, accepted, licence):
    with on(licence.expires_on - timedelta(days=10)):
        watch_documents()
        later = clock.today() + timedelta(days=365)
        perform(
            RENEW_DOCUMENT,
            accepted,
            actor=client_user,
            document=licence.pk,
            upload=checked_picture(),
            expires_on=later,
        )
        assert open_tasks() == []
        watch_documents()
    assert open_tasks() == []
    with on(later - timedelta(days=3)):
        watch_documents()
    assert [kind for kind, _audience in open_tasks()] == ["document.expiring", "document.expiring"]


def test_the_owner_of_the_client_is_told_instead_of_the_contract_officers(accepted, licence):
    owner = make_user(Role.CONTRACTS).person
    organisation = accepted.case.organisation
    organisation.customer_service_owner = owner
    organisation.save(update_fields=["customer_service_owner"])
    with on(licence.expires_on):
        watch_documents()
    assert open_tasks() == [("document.expiring", "organisation"), ("document.expiring", "person")]
    assert Task.objects.get(kind="document.expiring", organisation=None).person == owner


def test_the_client_gets_a_mail_before_and_one_after(client_user, licence, mailoutbox):
    for day in (-60, -59, 1, 2):
        with on(licence.expires_on + timedelta(days=day)):
            watch_documents()
            sweep()
    kinds = (
        Message.objects.filter(kind__startswith="document.").order_by("pk").values_list("kind", "recipient")
    )
    assert list(kinds) == [("document.expiring", client_user.email), ("document.expired", client_user.email)]
    before, after = (mail for mail in mailoutbox if "document" in mail.subject)
    assert "expires soon" in before.subject
    assert f"/documents/{licence.pk}/renew/" in after.body


def test_the_number_of_days_is_a_setting(licence):
    BodySetting.objects.create(key="document_expiry_days", value=90, source="test", set_by=make_person())
    with on(licence.expires_on - timedelta(days=90)):
        watch_documents()
    assert len(open_tasks()) == 2


def test_the_watch_begins_with_the_first_questions_and_ends_with_the_application(client_user, reviewer):
    application = submitted_application(client_user)
    document = ends_in(application, 10)
    assert expiry.watch() == 0
    questions = [{"section": "scope", "text": "?"}]
    application = perform(ASK, application, actor=reviewer, questions=questions)
    assert expiry.watch() == 1
    task = Task.objects.get(kind="document.expiring", organisation=application.case.organisation)
    answer = signed_in(client_user).get(task.path)
    assert answer["Location"].endswith(f"/documents/legal_status/?replaces={document.pk}")
    perform(WITHDRAW, application, actor=client_user)
    assert expiry.watch() == 0
    assert open_tasks() == []


def test_the_watch_ends_with_the_certificate(licence, monkeypatch):
    with on(licence.expires_on):
        watch_documents()
        monkeypatch.setitem(facts._answers, "has_ended", [lambda **_about: True])
        watch_documents()
    assert open_tasks() == []


def test_the_home_of_the_client_names_what_expires_with_the_way_to_the_newer_version(
    client_user, stranger, licence
):
    with on(licence.expires_on - timedelta(days=10)):
        page = signed_in(client_user).get(reverse("portal")).content.decode()
        others = signed_in(stranger).get(reverse("portal")).content.decode()
    assert "Documents that expire" in page
    assert licence.file.name in page
    assert f"/documents/{licence.pk}/renew/" in page
    assert licence.file.name not in others
    assert "Documents that expire" not in signed_in(client_user).get(reverse("portal")).content.decode()


def test_the_scheduler_asks_every_day():
    entry = settings.CELERY_BEAT_SCHEDULE["expiring documents"]
    assert entry["task"] == watch_documents.name
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({6}, {10})
