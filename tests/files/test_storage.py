"""Stored bytes stay what they were, or are not given out (items 18, 49); a crash leaves no row without its file."""

import os
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError

from certbody.files import storage
from certbody.files.checks import check_upload
from certbody.files.models import Audience, StoredFile
from certbody.files.storage import (
    FileChanged,
    collect_orphans,
    faults,
    private_root,
    read,
    store,
    write_content,
)
from tests.files.making import pdf
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings, tmp_path) -> Path:
    private = settings.STORAGES["private"] | {"OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"private": private}
    return tmp_path / "files"


def stored_pdf(**facts: object) -> StoredFile:
    return store(**{"content": b"%PDF-1.7 ours", "name": "report.pdf", "kind": "report", **facts})


def test_a_document_lies_under_its_hash_and_comes_back_as_it_was(root):
    stored = stored_pdf()
    assert stored.path == f"sha256/{stored.sha256[:2]}/{stored.sha256}.pdf"
    assert (root / stored.path).read_bytes() == read(stored) == b"%PDF-1.7 ours"
    assert (stored.content_type, stored.size) == ("application/pdf", 13)


def test_equal_bytes_are_kept_once_and_named_by_every_row(root):
    one, other = stored_pdf(), stored_pdf(name="copy.pdf", audience=Audience.CLIENT)
    assert one.pk != other.pk
    assert one.path == other.path
    assert len([path for path in root.rglob("*") if path.is_file()]) == 1


def test_an_upload_that_no_form_has_checked_is_checked_before_it_is_stored(root):
    with pytest.raises(ValidationError, match="not what its ending says"):
        store(content=SimpleUploadedFile("licence.pdf", b"MZ"), name="licence.pdf", kind="licence")
    assert not StoredFile.objects.exists()
    assert not root.exists()


def test_a_checked_upload_is_stored_with_its_own_type_and_ending():
    checked = check_upload(SimpleUploadedFile("licence.pdf", pdf()))
    user = make_user()
    organisation = make_organisation(user)
    stored = store(
        content=checked, name="营业执照", kind="licence", organisation=organisation, uploaded_by=user
    )
    assert stored.name == "营业执照.pdf"
    assert read(stored) == pdf()
    assert (stored.organisation, stored.uploaded_by, stored.audience) == (organisation, user, Audience.STAFF)


def test_an_empty_document_is_refused_by_the_database():
    with pytest.raises(IntegrityError):
        stored_pdf(content=b"")


@pytest.mark.parametrize(
    "name", ["../../etc/x.pdf", "C:\\x.pdf", "CON.pdf", 'a"\r\nX: y.pdf', "长" * 300 + ".pdf"]
)
def test_item_18_no_name_decides_where_a_file_lies(root, name):
    stored = stored_pdf(name=name)
    files = [path for path in root.parent.rglob("*") if path.is_file()]
    assert files == [root / "sha256" / stored.sha256[:2] / f"{stored.sha256}.pdf"]


def test_item_49_a_file_that_was_changed_in_place_is_refused_even_with_its_old_length_and_date(root):
    stored = stored_pdf()
    path = root / stored.path
    before = path.stat()
    path.write_bytes(b"%PDF-1.7 OURS")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    with pytest.raises(FileChanged) as change:
        read(stored)
    assert change.value.fault == "changed"


def test_item_49_a_file_that_is_gone_is_refused(root):
    stored = stored_pdf()
    (root / stored.path).unlink()
    with pytest.raises(FileChanged) as change:
        read(stored)
    assert change.value.fault == "missing"


def test_item_49_the_nightly_check_names_every_damaged_file_and_no_other(root):
    sound, changed, gone = stored_pdf(), stored_pdf(content=b"%PDF changed"), stored_pdf(content=b"%PDF gone")
    (root / changed.path).write_bytes(b"%PDF CHANGED")
    (root / gone.path).unlink()
    found = {(fault.stored.pk, fault.fault) for fault in faults()}
    assert found == {(changed.pk, "changed"), (gone.pk, "missing")}
    assert read(sound)


def test_item_49_a_damaged_file_is_written_again_when_the_same_bytes_are_stored(root):
    stored = stored_pdf()
    (root / stored.path).write_bytes(b"%PDF-1.7 OURS")
    stored_pdf(name="again.pdf")
    assert read(stored) == b"%PDF-1.7 ours"


def test_bytes_are_on_the_disk_before_they_get_their_name(root, monkeypatch):
    """fsync of the file, then the rename, then fsync of the folder: in any other order a power cut leaves a ruin."""
    order: list[str] = []
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(
        storage.os,
        "fsync",
        lambda handle: (order.append("folder" if _is_folder(handle) else "file"), sync(handle))[1],
    )
    monkeypatch.setattr(
        Path, "replace", lambda path, target: (order.append("rename"), replace(path, target))[1]
    )
    write_content(b"new", "pdf")
    assert order[:3] == ["file", "rename", "folder"]


def _is_folder(handle: int) -> bool:
    return Path(f"/proc/self/fd/{handle}").is_dir()


def test_a_write_that_fails_leaves_neither_a_file_nor_a_row(root, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        stored_pdf()
    assert not StoredFile.objects.exists()
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_only_old_files_that_no_row_names_are_collected(root):
    named = stored_pdf()
    old, young = write_content(b"old", "pdf"), write_content(b"young", "pdf")
    torn = root / "sha256" / old[:2] / ".writing-abc"
    torn.write_bytes(b"half")
    for path in (root / named.path, root / "sha256" / old[:2] / f"{old}.pdf", torn):
        os.utime(path, (1, 1))
    assert collect_orphans() == 2
    assert read(named)
    assert not torn.exists()
    assert (private_root() / "sha256" / young[:2] / f"{young}.pdf").exists()
    assert not (private_root() / "sha256" / old[:2] / f"{old}.pdf").exists()


def test_a_file_that_is_stored_again_is_young_again(root):
    sha256 = write_content(b"twice", "pdf")
    path = root / "sha256" / sha256[:2] / f"{sha256}.pdf"
    os.utime(path, (1, 1))
    write_content(b"twice", "pdf")
    assert collect_orphans() == 0
    assert path.exists()


def test_a_storage_that_is_no_file_system_is_refused_because_it_could_not_keep_the_order_of_writing(settings):
    settings.STORAGES = settings.STORAGES | {
        "private": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }
    with pytest.raises(TypeError, match="on a file system only"):
        storage.private_root()
