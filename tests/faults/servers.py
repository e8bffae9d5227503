"""Web, worker and scheduler as processes of their own, each in a group that can be killed as a whole."""

import http.client
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection

from certbody import clock

PYTHON = Path(sys.executable)
WORKER = "--pool threads --concurrency 2 --loglevel WARNING --without-mingle --without-gossip"
PATIENCE = 60.0  # seconds for a process to start on a busy machine


def database_url() -> str:
    """The address of the database that this test uses, for another process."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{settings.DATABASE_URL.rpartition('/')[0]}/{name}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(is_true: Callable[[], bool], what: str, seconds: float = PATIENCE) -> float:
    """Wait until it is true, and return how long that took."""
    begun = time.monotonic()
    while not is_true():
        assert time.monotonic() - begun < seconds, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.05)
    return time.monotonic() - begun


@dataclass
class Process:
    """One server; killing it kills everything that it started."""

    command: list[str]
    environment: Mapping[str, str]
    log: Path
    preexec: Callable[[], None] | None = None
    running: subprocess.Popen[bytes] | None = None
    started_at: datetime = field(default_factory=clock.now)

    def start(self) -> None:
        self.started_at = clock.now()
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=self.preexec,  # noqa: PLW1509  # limits of the process, set before it runs
            )

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self.running is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, number)
        self.running.wait(20)
        self.running = None


@dataclass
class Site:
    """A running body: web, worker and scheduler on the database of the test."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    limits: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        self.port = free_port()
        self.environment = {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "CERTBODY_HOME": str(settings.CERTBODY_HOME),
            "DATABASE_URL": database_url(),
            "BIND": f"127.0.0.1:{self.port}",
            "PYTHONWARNINGS": "ignore",
            **self.environment,
        }
        gunicorn = f"{PYTHON.with_name('gunicorn')} certbody.wsgi --threads 8 --no-control-socket"
        celery = f"{PYTHON} -m celery -A certbody"
        self.web = self._process("web", f"{gunicorn} --bind 127.0.0.1:{self.port}")
        self.worker = self._process("worker", f"{celery} worker {WORKER}")
        self.beat = self._process("beat", f"{celery} beat --loglevel WARNING --pidfile=")

    def _process(self, name: str, command: str) -> Process:
        return Process(command.split(), self.environment, self.folder / f"{name}.log", self.limits)

    def start_web(self) -> None:
        self.web.start()
        self.wait_for_web()

    def wait_for_web(self) -> None:
        until(lambda: status_of(self, "/healthz") == 200, "the web")

    def stop(self) -> None:
        for process in (self.beat, self.worker, self.web):
            process.kill()


@contextmanager
def running_site(
    folder: Path, *, worker: bool = True, scheduler: bool = False, **options: object
) -> Iterator[Site]:
    site = Site(folder, **options)  # type: ignore[arg-type]
    try:
        if worker:
            site.worker.start()
        if scheduler:
            site.beat.start()
        site.start_web()
        yield site
    finally:
        site.stop()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Visitor:
    """A browser in a dozen lines: one session, one anti-forgery token, no cache."""

    site: Site
    session: str = ""
    language: str = "en"
    token: str = field(default_factory=lambda: secrets.token_hex(16))

    def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> Answer:
        body = urlencode({**(fields or {}), "csrfmiddlewaretoken": self.token}) if method == "POST" else None
        return self.send(method, path, body, "application/x-www-form-urlencoded")

    def send(self, method: str, path: str, body: str | bytes | None, content_type: str) -> Answer:
        """Raises OSError or HTTPException when no answer comes: nobody knows what became of the request."""
        line = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=PATIENCE)
        cookies = f"csrftoken={self.token}; django_language={self.language}; sessionid={self.session}"
        headers = {"Cookie": cookies, "Content-Type": content_type}
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read().decode(errors="replace"))
        finally:
            line.close()

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        return self.ask("POST", path, fields)


def status_of(site: Site, path: str) -> int | None:
    try:
        return Visitor(site).get(path).status
    except (OSError, http.client.HTTPException):
        return None


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that leads to `action`, without the anti-forgery token."""
    form = next(part for part in page.split("<form")[1:] if f'action="{action}"' in part).split("</form>")[0]
    found = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form))
    found.pop("csrfmiddlewaretoken", None)
    return {name: unescape(text) for name, text in found.items()}
