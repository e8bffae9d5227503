"""The commands of the repository, run as a person runs them."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import pytest

from tests.ground.sources import ROOT

COMMANDS = (
    "script/bootstrap",
    "script/bench",
    "script/server",
    "script/test",
    "script/throwaway",
    "script/lock",
    ".ci/run",
)
OF_A_RUN = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "CELERY_BROKER_URL",
    "DJANGO_SETTINGS_MODULE",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
)
WATCHDOG = 300

pytestmark = pytest.mark.skipif(
    "DATABASE_OWNER_URL" in os.environ, reason="scripts choose their databases themselves: once is enough"
)


def surroundings(**own: str) -> dict[str, str]:
    """The environment of an ordinary shell: nothing of this test run in it."""
    return {
        name: value for name, value in os.environ.items() if name not in OF_A_RUN and "PYTEST" not in name
    } | own


def run(*command: str, **own: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env=surroundings(**own),
        capture_output=True,
        text=True,
        timeout=WATCHDOG,
        check=False,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_can_be_run_and_is_sound_shell(command: str) -> None:
    assert os.access(ROOT / command, os.X_OK)
    assert run("bash", "-n", command).stderr == ""


def test_a_second_bootstrap_finds_nothing_to_do() -> None:
    first, second = run("script/bootstrap", "--tests"), run("script/bootstrap", "--tests")
    assert first.returncode == 0
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_item_5_a_body_with_demo_accounts_listens_on_loopback_only(tmp_path: Path) -> None:
    refused = run("script/server", BIND=f"0.0.0.0:{free_port()}", CERTBODY_HOME=str(tmp_path / "home"))
    assert refused.returncode == 1
    assert "may only listen on loopback" in refused.stderr
    assert not (tmp_path / "home").exists()


def test_without_https_only_loopback_is_bound(tmp_path: Path) -> None:
    refused = run(
        "script/server",
        BIND=f"0.0.0.0:{free_port()}",
        CERTBODY_DEMO="0",
        CERTBODY_HOME=str(tmp_path / "home"),
    )
    assert refused.returncode == 1
    assert "without https" in refused.stderr


def test_a_taken_address_is_named_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = run(
            "script/server", BIND=f"127.0.0.1:{taken.getsockname()[1]}", CERTBODY_HOME=str(tmp_path / "home")
        )
    assert refused.returncode == 1
    assert "already listens" in refused.stderr
    assert not (tmp_path / "home").exists()


OWNER_AND_APPLICATION = """
import os, psycopg
for name in ("DATABASE_OWNER_URL", "DATABASE_URL"):
    role, _, place = os.environ[name].removeprefix("postgres://").partition("@/")
    folder, _, database = place.rpartition("/")
    with psycopg.connect(host=folder, user=role, dbname=database) as connection:
        try:
            connection.execute(f"CREATE TABLE made_by_{role} (id int)")
            print(role, "makes tables")
        except psycopg.errors.InsufficientPrivilege:
            print(role, "makes no tables")
print(folder)
"""


def test_the_throw_away_servers_have_two_roles_and_leave_nothing_behind() -> None:
    ran = run("script/throwaway", ".venv/bin/python", "-c", OWNER_AND_APPLICATION)
    assert ran.returncode == 0, ran.stderr
    *roles, folder = ran.stdout.splitlines()
    assert roles == ["certbody_owner makes tables", "certbody makes no tables"]
    assert not Path(folder).parent.exists()


def test_the_throw_away_servers_hand_back_the_status_of_the_command() -> None:
    assert run("script/throwaway", "bash", "-c", "exit 7").returncode == 7


def members_of(session: int) -> dict[int, str]:
    """Command lines of the living processes of a session, by process id."""
    members = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _parent, _group, its_session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            command = (folder / "cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            continue
        if int(its_session) == session and state != "Z":
            members[int(folder.name)] = command
    return members


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WATCHDOG
    while not condition():
        assert time.monotonic() < deadline, "the watchdog's time is over"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("body") / "home"


@pytest.fixture
def server(tmp_path: Path, empty_home: Path) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """A body without cases, started by script/server and ready; the tests of this module share its home."""
    port, said = free_port(), tmp_path / "said"
    with said.open("w") as output:
        process = subprocess.Popen(
            ["script/server"],
            cwd=ROOT,
            env=surroundings(BIND=f"127.0.0.1:{port}", CERTBODY_HOME=str(empty_home), CERTBODY_DEMO="0"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    wait_until(lambda: "is ready at" in said.read_text() or process.poll() is not None)
    assert process.poll() is None, said.read_text()
    yield process, port, said
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(WATCHDOG)


RESET = "/accounts/password/reset/"


def ask(port: int, target: str, *headers: str, form: dict[str, str] | None = None) -> str:
    """Send a request written by hand, which no client library would send; the whole answer."""
    body = urlencode(form or {})
    lines = [f"{'POST' if form else 'GET'} {target} HTTP/1.1", *headers, "Connection: close"]
    if form:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    with socket.create_connection(("127.0.0.1", port), WATCHDOG) as line:
        line.sendall("\r\n".join([*lines, "", body]).encode())
        answer = b""
        while part := line.recv(65536):
            answer += part
    return answer.decode(errors="replace")


def post(port: int, target: str, *headers: str, **form: str) -> str:
    """The same with the form's token and its cookie, as a browser has them."""
    page = ask(port, urlsplit(target).path, f"Host: 127.0.0.1:{port}")
    cookie = re.search(r"csrftoken=(\w+)", page)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert cookie
    assert token
    fields = form | {"csrfmiddlewaretoken": token[1]}
    return ask(port, target, *headers, f"Cookie: csrftoken={cookie[1]}", form=fields)


def status_of(answer: str) -> str:
    return answer.partition(" ")[2][:3]


def test_items_3_and_5_an_empty_body_knows_only_its_own_host_and_nobody_gets_in_then_it_stops_on_term(
    server: tuple[subprocess.Popen[str], int, Path], empty_home: Path
) -> None:
    process, port, said = server
    own = f"Host: 127.0.0.1:{port}"
    assert f"http://127.0.0.1:{port}" in said.read_text()
    with urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
        assert answer.status == 200

    for headers in (["Host: evil.example"], [own, "Host: evil.example"], ["Host: evil.example", own]):
        assert status_of(ask(port, RESET, *headers)) == "400", headers
        assert status_of(post(port, RESET, *headers, email="nobody@example.org")) in {"400", "403"}, headers
    assert not (empty_home / "mail").exists() or not list((empty_home / "mail").iterdir())
    forged = ("X-Forwarded-Host: evil.example", "Forwarded: host=evil.example", "X-Forwarded-For: 10.0.0.1")
    for target in (RESET, f"http://evil.example{RESET}"):
        answer = post(port, target, own, *forged, email="nobody@example.org")
        assert status_of(answer) in {"302", "400"}, target
        assert "evil.example" not in answer
    mails = [path.read_text() for path in (empty_home / "mail").iterdir()]
    assert mails
    for text in mails:
        assert "evil.example" not in text
        assert {urlsplit(link).netloc for link in re.findall(r"http\S+", text)} == {f"127.0.0.1:{port}"}

    with sqlite3.connect(empty_home / "certbody.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)
    for name, password in (("admin", "admin"), ("admin@demo.example", "demo-27922-star")):
        assert status_of(post(port, "/accounts/login/", own, login=name, password=password)) == "200", name

    assert any("celery" in command and "beat" in command for command in members_of(process.pid).values())
    process.send_signal(signal.SIGTERM)
    assert process.wait(WATCHDOG) == 0
    assert members_of(process.pid) == {}


@pytest.mark.fault
def test_when_one_process_dies_the_others_are_stopped_too(
    server: tuple[subprocess.Popen[str], int, Path],
) -> None:
    process, _port, said = server
    worker = next(pid for pid, command in members_of(process.pid).items() if " worker " in command)
    os.kill(worker, signal.SIGKILL)
    assert process.wait(WATCHDOG) == 1
    assert "A process stopped" in said.read_text()
    assert members_of(process.pid) == {}


def test_the_trimmed_style_sheet_is_what_the_pages_need_now() -> None:
    done = run("script/trim_tabler", "--check")
    assert done.returncode == 0, done.stderr
