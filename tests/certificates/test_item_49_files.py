"""Item 49: a stored document that was replaced is refused at the download and named by the nightly check."""

import os
from pathlib import Path

import pytest
from django.test import Client

from certbody.accounts.models import User
from certbody.files.integrity import stored_files
from certbody.files.models import StoredFile
from certbody.files.storage import private_root
from certificates import checks
from certificates.models import Certificate
from tests.road.certificates import issued_certificate

pytestmark = pytest.mark.django_db


def replace_unseen(path: Path) -> None:
    """Change one byte and keep length and time."""
    before, content = path.stat(), bytearray(path.read_bytes())
    content[-1] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(content))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def document_of(certificate: Certificate) -> StoredFile:
    return certificate.editions.get().documents.get(language="en").file


def test_item_49_a_replaced_document_is_not_handed_out_and_is_named() -> None:
    certificate = issued_certificate()
    stored = document_of(certificate)
    holder = Client()
    holder.force_login(User.objects.get(person__memberships__organisation=certificate.organisation))
    assert holder.get(stored.get_absolute_url()).status_code == 200
    replace_unseen(private_root() / stored.path)
    answer = holder.get(stored.get_absolute_url())
    assert answer.status_code >= 400
    assert b"%PDF" not in answer.getvalue()
    (fault,) = [
        line
        for line in checks.documents()
        if line.startswith("certificates_issueddocument") and "changed" in line
    ]
    assert certificate.number in fault
    assert stored.name in fault


def test_item_49_a_document_that_is_gone_is_named() -> None:
    certificate = issued_certificate()
    stored = document_of(certificate)
    (private_root() / stored.path).unlink()
    assert any(certificate.number in line and "missing" in line for line in checks.documents())
    assert f"files_storedfile {stored.pk} {stored.name}: the file is missing" in list(stored_files())
