"""Item 37, the part of the files: what happened between the check and the reading counts, and no copy of a certificate
leaves after its suspension."""

import hashlib
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.files.models import StoredFile
from certbody.files.storage import private_root, read
from certbody.files.views import private as views
from certbody.workflow import perform
from certificates.models import Certificate
from certificates.transitions import RESTORE, SUSPEND, WITHDRAW
from tests.road.certificates import issued_certificate
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate() -> Certificate:
    return issued_certificate()


@pytest.fixture
def copy(certificate: Certificate) -> StoredFile:
    return certificate.editions.get().documents.get(language="en").file


@pytest.fixture
def holder(certificate: Certificate) -> Client:
    return signed_in(User.objects.get(person__memberships__organisation=certificate.organisation))


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def suspend(certificate: Certificate) -> None:
    perform(SUSPEND, certificate, actor=make_user(Role.HEAD), ground="requirements", reason="投诉未处理")


def is_handed_out(answer: HttpResponse) -> bool:
    return answer.status_code == 200 and answer.content.startswith(b"%PDF")


def test_item_37_no_copy_is_handed_out_while_the_certificate_is_suspended(certificate, copy, holder):
    page = f"/portal/certificates/{certificate.pk}/"
    assert copy.get_absolute_url() in holder.get(page).content.decode()
    suspend(certificate)
    answer = holder.get(copy.get_absolute_url())
    assert answer.status_code == 409
    assert "The certificate is suspended: no copy is handed out" in answer.content.decode()
    shown = holder.get(page).content.decode()
    assert "The certificate is suspended: no copy is handed out" in shown
    assert copy.get_absolute_url() not in shown
    perform(RESTORE, certificate, actor=make_user(Role.HEAD), ground="remedied", reason="已整改")
    assert is_handed_out(holder.get(copy.get_absolute_url()))


def test_item_37_no_copy_is_handed_out_after_a_withdrawal_and_the_body_keeps_its_own(
    certificate, copy, holder
):
    perform(WITHDRAW, certificate, actor=make_user(Role.HEAD), ground="fraud", reason="虚假材料")
    answer = holder.get(copy.get_absolute_url())
    assert answer.status_code == 409
    assert "no longer stands" in answer.content.decode()
    assert is_handed_out(signed_in(make_user(Role.CERTIFICATES)).get(copy.get_absolute_url()))


def while_reading(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen after the file was found visible and read, before the answer leaves."""

    def read_and_act(stored: StoredFile) -> bytes:
        content = read(stored)
        act()
        return content

    monkeypatch.setattr(views, "read", read_and_act)


def test_item_37_a_suspension_while_the_copy_is_being_read_wins(certificate, copy, holder, monkeypatch):
    while_reading(monkeypatch, lambda: suspend(certificate))
    assert holder.get(copy.get_absolute_url()).status_code == 409


def test_item_37_a_file_deleted_between_check_and_reading_is_a_page_and_no_fault(copy, holder, monkeypatch):
    path, found = private_root() / copy.path, views.get_object_or_404

    def find_and_delete(*args: object, **facts: object) -> StoredFile:
        stored = found(*args, **facts)
        path.unlink()
        return stored

    monkeypatch.setattr(views, "get_object_or_404", find_and_delete)
    answer = holder.get(copy.get_absolute_url())
    assert answer.status_code == 410
    assert b"%PDF" not in answer.content


def test_item_37_a_file_that_is_replaced_after_its_check_leaves_as_it_was_checked(copy, holder, monkeypatch):
    """The bytes that were hashed are the bytes that are sent: the file is read once."""
    path = private_root() / copy.path
    while_reading(monkeypatch, lambda: path.write_bytes(b"%PDF-1.7 forged"))
    answer = holder.get(copy.get_absolute_url())
    assert is_handed_out(answer)
    assert hashlib.sha256(answer.content).hexdigest() == copy.sha256
    assert holder.get(copy.get_absolute_url()).status_code == 410
