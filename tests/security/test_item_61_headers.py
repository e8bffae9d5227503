"""Every answer carries the site's protection and tells nothing about what makes it (item 61)."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from certbody.accounts.roles import Role
from certbody.web import health
from tests.ground.sources import ROOT
from tests.road.people import make_user

LANGUAGES = ("en", "zh-hans", "zh-hant")
# sentences of frameworks and machines; our own pages may say "Python" nowhere either
TELLTALES = re.compile(
    r"Traceback|Exception|Django|gunicorn/|Python|sqlite|psycopg|DEBUG|SECRET|settings\.py|site-packages"
    r"|\b\d+\.\d+\.\d+\b(?!\.\d)",
)
ASSETS = re.compile(r"/static/[^\"' )]+|127\.0\.0\.1")


def faults_of(headers: Any, *, https: bool = True) -> list[str]:
    """What an answer lacks."""
    wanted = {
        "X-Content-Type-Options": r"nosniff",
        "X-Frame-Options": r"DENY",
        "Referrer-Policy": r"same-origin",
        "Cross-Origin-Opener-Policy": r"same-origin",
        "Content-Security-Policy": r"(?=.*default-src 'self')(?=.*frame-ancestors 'none')(?=.*object-src 'none')"
        r"(?=.*base-uri 'none')(?=.*form-action 'self')(?!.*unsafe)",
    }
    if https:
        wanted["Strict-Transport-Security"] = r"max-age=31536000; includeSubDomains"
    found = [name for name, value in wanted.items() if not re.match(value, headers.get(name) or "")]
    return found + [name for name in ("X-Powered-By", "X-Django-Version") if headers.get(name)]


def telltales_in(page: str) -> list[str]:
    return TELLTALES.findall(ASSETS.sub("", page))


def _fault(*_arguments: Any, **_keywords: Any) -> HttpResponse:
    raise ZeroDivisionError("secret detail of the machine")


def _limited(client: Client) -> HttpResponse:
    with mock.patch("certbody.web.limits.is_over", return_value=True):
        return client.get("/register/?q=x")


def _broken(client: Client) -> HttpResponse:
    with mock.patch("certificates.views.public.search", _fault):
        return client.get("/register/?q=x")


def _unready(client: Client) -> HttpResponse:
    with mock.patch.object(health, "_checks", return_value={"queue": lambda: False}):
        return client.get("/readyz")


CODES: dict[int, Callable[[Client], HttpResponse]] = {
    200: lambda client: client.get("/"),
    302: lambda client: client.get("/home/"),
    400: lambda client: client.get("/register/?q=%00"),
    403: lambda client: client.get("/desk/people/"),
    404: lambda client: client.get("/nothing/here/"),
    405: lambda client: client.post("/"),
    413: lambda client: client.post(
        "/api/v1/certificates/check", "x" * 70_000, content_type="application/json"
    ),
    422: lambda client: client.post("/api/v1/certificates/check", "{}", content_type="application/json"),
    429: _limited,
    500: _broken,
    503: _unready,
}


@pytest.mark.django_db
@pytest.mark.parametrize("code", CODES)
def test_item_61_every_code_carries_the_headers_and_tells_nothing(code: int, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 365 * 24 * 3600, True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    staff = make_user(Role.FINANCE)
    for language in LANGUAGES:
        headers = {"accept-language": language, "x-forwarded-proto": "https"}
        client = Client(raise_request_exception=False, headers=headers)
        client.force_login(staff)
        answer = CODES[code](client)
        assert (answer.status_code, faults_of(answer)) == (code, []), language
        assert telltales_in(answer.content.decode()) == [], language


@pytest.mark.django_db
def test_item_61_a_form_without_its_token_is_refused_under_the_same_headers() -> None:
    for language in LANGUAGES:
        client = Client(enforce_csrf_checks=True, headers={"accept-language": language})
        for extra in ({}, {"HTTP_ORIGIN": "https://evil.example"}):
            answer = client.post("/accounts/login/", {"login": "a"}, **extra)
            assert (answer.status_code, faults_of(answer, https=False)) == (403, [])
            assert telltales_in(answer.content.decode()) == []


@pytest.mark.django_db
def test_item_61_a_fault_shows_its_number_and_the_log_knows_it(caplog: pytest.LogCaptureFixture) -> None:
    page = _broken(Client(raise_request_exception=False)).content.decode()
    assert "secret detail" not in page
    number = re.search(r"Number of this fault: ([0-9a-f]{8})", page)
    assert number, page
    assert any(record.levelname == "ERROR" and number[1] in str(record.msg) for record in caplog.records)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "address",
    [
        "/register/?q=%ff%fe",
        "/register/%ED%A0%80/",
        "/register/x/?on=9999-99-99",
        "/desk/cases/%F0%9F%92%A9/",
        "/desk/certificates/99999999999999999999/",
        "/files/00000000-0000-0000-0000-00000000000g/",
        "/steps/certificate/1/__class__/",
        "/api/v1/certificates/x?on=1",
        "/desk/applications/?page=1e9&sort=-case__organisation__memberships__person__user__password",
        "/accounts/password/reset/key/0-x/",
        "/accounts/confirm-email/%0a/",
    ],
)
def test_item_61_bad_input_provokes_no_page_of_a_framework(address: str, language: str) -> None:
    client = Client(raise_request_exception=False, headers={"accept-language": language})
    client.force_login(make_user(Role.HEAD))
    answer = client.get(address)
    assert answer.status_code < 500
    assert (faults_of(answer, https=False), telltales_in(answer.content.decode())) == ([], [])


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a body on the public net, with its static files; `check --deploy` finds nothing to say."""
    home = tmp_path_factory.mktemp("production")
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "TMPDIR", "HOME"}}
    environment = kept | {
        "CERTBODY_HOME": str(home),
        "CERTBODY_URL": "https://body.example",
        "CERTBODY_PROXIES": "1",
        "DJANGO_SETTINGS_MODULE": "certbody.settings",
    }
    commands = (
        "import django; django.setup(); from django.core.management import call_command as call;"
        "call('check', deploy=True, fail_level='WARNING'); call('collectstatic', interactive=False, verbosity=0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", commands],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "no issues" in done.stdout
    return environment


@pytest.fixture
def server(production: dict[str, str], db: None) -> Iterator[int]:
    """gunicorn as production starts it, reading the database of the tests; the port that it listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = production | {
        "BIND": f"127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
    }
    command = [sys.executable, "-m", "gunicorn", "certbody.wsgi", "--bind", f"127.0.0.1:{port}"]
    options = ["--threads", "2", "--no-control-socket", "--log-level", "error"]
    process = subprocess.Popen([*command, *options], cwd=ROOT, env=environment)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if ask(port, "GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("gunicorn did not start")


def ask(port: int, method: str, path: str, **headers: str) -> tuple[int, Any, str]:
    """One request exactly as it is written here, as the proxy of production hands it on."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    usual = {"Host": "body.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    for name, value in (usual | headers).items():
        line.putheader(name, value)
    line.endheaders()
    answer = line.getresponse()
    found = answer.status, answer.headers, answer.read().decode("utf-8", "replace")
    line.close()
    return found


@pytest.mark.skipif(connection.vendor == "postgresql", reason="headers do not depend on the database")
def test_item_61_the_running_server_of_production_keeps_to_all_of_this(server: int) -> None:
    expected = {
        ("GET", "/"): 200,
        ("GET", "/register/?q=x"): 200,
        ("GET", "/api/v1/certificates/x"): 404,
        ("GET", "/desk/"): 302,
        ("GET", "/.git/"): 404,
        ("GET", "/.git/config"): 404,
        ("GET", "/.env"): 404,
        ("GET", "/manage.py"): 404,
        ("GET", "/static/../manage.py"): 404,
        ("GET", "/static/..%2f..%2fmanage.py"): 404,
        ("GET", "/static/%2e%2e/%2e%2e/etc/passwd"): 404,
        ("GET", "/static/"): 404,
        ("GET", "/static//etc/passwd"): 404,
        ("GET", "/register/%00/"): 400,
        ("POST", "/accounts/login/"): 403,
        ("TRACE", "/"): 405,
        ("OPTIONS", "/accounts/login/"): 405,
        ("DELETE", "/api/v1/certificates/x"): 405,
    }
    for (method, path), code in expected.items():
        status, headers, page = ask(server, method, path)
        assert status == code, (method, path)
        assert faults_of(headers) == [], (method, path)
        assert telltales_in(page) == [], (method, path)
        assert not re.search(r"\d", headers.get("Server", "")), "the server tells its version"
        assert "evil" not in page

    cookies = ask(server, "GET", "/accounts/login/")[1].get_all("Set-Cookie")
    assert cookies
    assert all(cookie.startswith("__Host-") and "; Secure" in cookie for cookie in cookies)
    status, headers, _page = ask(server, "GET", "/", **{"X-Forwarded-Proto": "http"})
    assert (status, headers["Location"]) == (301, "https://body.example/")
    assert ask(server, "GET", "/", Host="evil.example")[0] == 400
    assert json.loads(ask(server, "GET", "/healthz")[2]) == {"status": "ok"}

    answers = [200]
    while answers[-1] == 200 and len(answers) <= 121:  # the minute may turn in between
        answers.append(ask(server, "GET", "/register/?q=x")[0])
    assert answers[-1] == 429, "the limit of production is on"
