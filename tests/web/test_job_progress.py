"""Slow work tells how far it is in its row: the page shows the same after a reload, and only to those of the case."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from applications.services.contracts import PDF_JOB
from applications.transitions import OFFER
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.outbox import sweeper
from certbody.outbox.models import Job, PromiseState
from certbody.outbox.services import note_progress
from certbody.workflow import perform
from tests.road.applications import accepted_application, drafted_contract
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_user() -> User:
    return make_user()


@pytest.fixture
def job(client_user: User) -> Job:
    officer = make_user(Role.CONTRACTS)
    contract = drafted_contract(accepted_application(client_user), officer)
    perform(OFFER, contract, actor=officer)
    return Job.objects.get(kind=PDF_JOB)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def contract_page(job: Job) -> str:
    return f"/portal/contracts/{job.case.contracts.get().number}/"


def test_the_page_of_the_object_shows_how_far_the_work_is_after_every_reload(client_user, job) -> None:
    browser = signed_in(client_user)
    assert "It is waiting to be made." in browser.get(contract_page(job)).text
    note_progress(job, 40)
    for _reload in range(2):
        shown = browser.get(contract_page(job)).text
        assert "It is being made." in shown
        assert 'value="40"' in shown


def test_finished_work_is_complete_names_its_result_and_loads_the_page_again(client_user, job) -> None:
    sweeper.sweep()
    job.refresh_from_db()
    contract = job.case.contracts.get()
    assert (job.state, job.percent, job.result) == (PromiseState.DONE, 100, contract.pdf.get_absolute_url())
    browser = signed_in(client_user)
    answer = browser.get(f"/jobs/{job.pk}/")
    assert answer["HX-Refresh"] == "true"
    assert f'href="{job.result}"' in answer.text
    assert f"job-{job.pk}" not in browser.get(contract_page(job)).text


def test_work_that_was_given_up_says_so_and_asks_nothing_of_the_reader(client_user, job) -> None:
    Job.objects.update(state=PromiseState.DEAD)
    shown = signed_in(client_user).get(contract_page(job)).text
    assert "This could not be made." in shown
    assert "hx-get=" not in shown.partition(f'id="job-{job.pk}"')[2].partition("</div>")[0]


def test_a_failed_attempt_is_told(client_user, job) -> None:
    Job.objects.update(attempts=2)
    assert "It is being tried again (attempt 2)." in signed_in(client_user).get(f"/jobs/{job.pk}/").text


def test_a_stranger_gets_404_and_nobody_can_post(client_user, job) -> None:
    assert signed_in(make_user()).get(f"/jobs/{job.pk}/").status_code == 404
    assert signed_in(client_user).post(f"/jobs/{job.pk}/").status_code == 405
    assert Client().get(f"/jobs/{job.pk}/").status_code == 302


def test_progress_is_a_share_of_a_hundred_in_the_database_too(job: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(percent=101)


def test_a_job_that_is_done_moves_no_more(job: Any) -> None:
    Job.objects.update(state=PromiseState.DONE, percent=100)
    note_progress(job, 20)
    job.refresh_from_db()
    assert job.percent == 100
