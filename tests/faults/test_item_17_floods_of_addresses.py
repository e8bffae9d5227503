"""Item 17 on a real server: 200 MB to every address that takes files are answered before they are read.

The body is sent as a hostile program sends it, as fast as the server takes it and until it hangs up.
"""

import select
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from applications.queries.uploads import PURPOSE, target_of
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.files import pieces
from certbody.files.models import StoredFile, Upload
from certbody.files.quota import Uploader
from certbody.files.views.pieces import PIECE_TYPE
from tests.faults.servers import Site, Visitor, running_site, status_of
from tests.faults.test_item_40_kill_while_issuing import session_of
from tests.files.making import MEGABYTE
from tests.road.applications import (
    accepted_application,
    begun_application,
    offered_contract,
    submitted_application,
)
from tests.road.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

FLOOD = 200 * MEGABYTE
LONGEST = 20  # seconds; two and a factor of ten for a busy machine
TOKEN = "a" * 32


@dataclass
class Outcome:
    """What the server answered, after how many seconds, and how much it had taken by then."""

    answer: bytes
    seconds: float
    sent: int

    @property
    def status(self) -> int:
        return int(self.answer.split(b" ", 2)[1]) if self.answer else 0


def flood(site: Site, path: str, session: str, *, content_type: str, chunked: bool = False) -> Outcome:
    """Send a body of 200 MB until an answer comes or the server hangs up."""
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {FLOOD}"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nCookie: csrftoken={TOKEN}; sessionid={session}\r\n"
        f"X-CSRFToken: {TOKEN}\r\nContent-Type: {content_type}\r\n{length}\r\nConnection: close\r\n\r\n"
    )
    piece = b"x" * 65_536
    part = b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece
    began, sent = time.monotonic(), 0
    with socket.create_connection(("127.0.0.1", site.port), timeout=LONGEST) as line:
        line.sendall(head.encode())
        try:
            while sent < FLOOD:
                readable, writable, _ = select.select([line], [line], [], LONGEST)
                if readable or not writable:
                    break
                line.send(part)  # a part that is taken by half is as good as any other
                sent += len(piece)
            answer = line.recv(65_536)
        except OSError:  # it hung up; what it said before may be lost with the line
            answer = b""
        return Outcome(answer, time.monotonic() - began, sent)


def memory_of(site: Site) -> int:
    """The memory of the web and of everything that it started, in bytes, at its highest since `forget`."""
    return sum(int(_line_of(pid, "VmHWM").split()[1]) * 1024 for pid in _processes(site))


def forget(site: Site) -> None:
    for pid in _processes(site):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def _processes(site: Site) -> list[str]:
    """Everything in the group of the web that holds memory of its own."""
    assert site.web.running is not None
    group = str(site.web.running.pid)
    found = [path.parent.name for path in Path("/proc").glob("[0-9]*/stat") if _group_of(path) == group]
    return [pid for pid in found if _line_of(pid, "VmHWM")]


def _group_of(path: Path) -> str:
    try:
        return path.read_text().rpartition(")")[2].split()[2]
    except OSError:  # it has ended meanwhile
        return ""


def _line_of(pid: str, name: str) -> str:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith(name)), "")


def on_its_way() -> set[Path]:
    """What lies in the folder in which the server keeps a body that it reads."""
    return set(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())


def addresses(client: User, reviewer: User, finance: User) -> dict[str, tuple[User, str]]:
    """Every address that takes a file, and somebody who may send one there."""
    draft = begun_application(client)
    other = make_user()
    offered = offered_contract(accepted_application(other), make_user(Role.CONTRACTS))
    reviewed = submitted_application(make_user())
    row = pieces.begin(
        Uploader(client, draft.case.organisation),
        purpose=PURPOSE,
        target=target_of(draft, "profile"),
        name="plan.png",
        size=20 * MEGABYTE,
    )
    reference, licence = offered.case.reference, offered.application.documents.get(kind="legal_status")
    return {
        "a file in pieces begins": (client, reverse("files:upload_begin")),
        "a piece": (client, f"{reverse('files:upload_piece', args=[row.pk])}?offset=0"),
        "a document": (client, reverse("applications:document", args=[draft.case.reference, "profile"])),
        "a newer version": (other, reverse("applications:document_renew", args=[reference, licence.pk])),
        "the scan of a contract": (other, f"/steps/contract/{offered.pk}/upload_scan/"),
        "a picture of the review": (
            reviewer,
            reverse("applications:desk_item", args=[reviewed.case.reference, "information"]),
        ),
        "a statement of the bank": (finance, reverse("applications:desk_payments")),
    }


@pytest.mark.one_database("what the server does with a body it does not read")
def test_item_17_a_body_of_200_mb_is_refused_at_every_address_that_takes_files(tmp_path):
    known = addresses(make_user(), make_user(Role.REVIEWER), make_user(Role.FINANCE))
    stored, waiting = StoredFile.objects.count(), on_its_way()
    with running_site(tmp_path, worker=False) as site:
        for user, path in known.values():  # templates are loaded by now
            Visitor(site, session_of(user)).get(path)
        forget(site)
        at_first, faults = memory_of(site), []
        for what, (user, path) in known.items():
            for chunked in (False, True):
                kind = PIECE_TYPE if "piece" in path else "multipart/form-data; boundary=x"
                outcome = flood(site, path, session_of(user), content_type=kind, chunked=chunked)
                is_refused = 400 <= outcome.status < 500 if chunked else outcome.status == 413
                if not is_refused or outcome.seconds > LONGEST or outcome.sent >= FLOOD:
                    faults.append(f"{what}, chunked {chunked}: {outcome}")
        assert faults == []
        assert memory_of(site) - at_first < 200 * MEGABYTE
        assert status_of(site, "/healthz") == 200
    assert on_its_way() == waiting
    assert StoredFile.objects.count() == stored
    assert Upload.objects.get().received == 0
