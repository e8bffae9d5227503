"""The bounded renderer: closed to the outside world and to huge documents (items 27, 28)."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from certbody.pdf import process, render
from certbody.pdf.certificate import render_certificate
from certbody.pdf.read import addresses_in, has_active_content, page_count, pages_of, text_of
from certbody.pdf.render import RenderFailed, render_pdf
from tests.pdf.hostile import snippets
from tests.pdf.records import ORDINARY

SECRET = "canary-4f1d27c6e0"
TEXT_FIELDS = [
    field
    for field, value in ORDINARY.as_dict().items()
    if isinstance(value, str) and field.endswith(("_zh", "_en"))
]
NAMES = list(snippets("", ""))


class Canary(BaseHTTPRequestHandler):
    requests: list[str] = []

    def do_GET(self) -> None:
        self.requests.append(self.path)
        self.send_response(302 if "to=" in self.path else 200)
        if "to=" in self.path:
            self.send_header("Location", self.path.partition("to=")[2])
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Silent: the list of requests is the record."""


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[tuple[dict[str, str], list[str]]]:
    Canary.requests.clear()
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))  # seconds until it notices the end
    thread.start()
    yield snippets(f"http://127.0.0.1:{server.server_port}", secret.as_uri()), Canary.requests
    server.shutdown()
    thread.join()
    server.server_close()


def html_with(snippet: str) -> bytes:
    return f"<!doctype html><html lang=en><title>t</title><body><p>seen</p>{snippet}".encode()


def everything_in(pdf: bytes) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as document:
        streams = [item.read_bytes() for item in document.objects if isinstance(item, pikepdf.Stream)]
    return pdf + b"".join(streams)


@pytest.fixture
def template_of(settings, tmp_path):
    """Make a template of the given source known and return its name."""

    def make(source: str) -> str:
        (tmp_path / "probe.html").write_text(source, encoding="utf-8")
        engine = settings.TEMPLATES[0]
        settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], tmp_path]}]
        return "probe.html"

    return make


@pytest.mark.parametrize("name", NAMES)
def test_item_27_hostile_html_reaches_neither_the_network_nor_a_file(canary, name):
    hostile, requests = canary
    pdf = process.run("render", html_with(hostile[name]), seconds=30)
    assert "seen" in text_of(pdf)
    assert requests == []
    assert SECRET.encode() not in everything_in(pdf)
    assert not has_active_content(pdf)


def test_item_27_negative_control_the_printer_s_own_fetcher_does_both(canary):
    """Without our fetcher the same snippets are noticed, so the silence above means something."""
    hostile, requests = canary
    html = html_with(hostile["image"] + hostile["attachment by anchor"])
    program = (
        "import sys,weasyprint as w;sys.stdout.buffer.write(w.HTML(file_obj=sys.stdin.buffer).write_pdf())"
    )
    pdf = subprocess.run([sys.executable, "-c", program], input=html, capture_output=True, check=True).stdout
    assert requests == ["/image.png"]
    assert SECRET.encode() in everything_in(pdf)
    assert has_active_content(pdf)


def test_item_27_a_hostile_name_in_every_field_of_a_certificate_is_printed_as_text(canary):
    hostile, requests = canary
    everything = "".join(hostile[name] for name in ("image", "attachment by link", "object"))
    record = ORDINARY.as_dict() | {"client_name_zh": hostile["image"], "scope_zh": everything}
    pdf = render_certificate(record, "zh-hans")
    assert requests == []
    assert SECRET.encode() not in everything_in(pdf)
    assert not has_active_content(pdf)
    assert addresses_in(pdf) == set()
    assert hostile["image"].replace(" ", "") in "".join(text_of(pdf).split())


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_item_27_no_field_of_a_certificate_becomes_markup(settings, field):
    from django.template.loader import render_to_string

    from certbody.pdf.certificate import certificate_context

    record = ORDINARY.as_dict() | {field: "<img src=x>{{ number }}"}
    for language in ("zh-hans", "en"):
        html = render_to_string(
            "pdf/certificate.html", certificate_context(record, language) | {"language": language}
        )
        assert "<img src=x>" not in html


def test_the_child_knows_nothing_of_the_product(tmp_path):
    (tmp_path / "payload").write_bytes(html_with(""))
    request = json.dumps({"task": "render", "seconds": 30, "folder": str(tmp_path)})
    program = (
        "import runpy,sys;\n"
        f"try: runpy.run_path({str(process.CHILD)!r}, run_name='__main__')\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "assert not {'django', 'celery', 'certbody'} & set(sys.modules)"
    )
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)}
    child = subprocess.run(
        [sys.executable, "-I", "-c", program],
        input=request.encode(),
        env=environment,
        capture_output=True,
        check=False,
    )
    assert (child.returncode, child.stdout) == (0, b"0\n"), child.stderr[-500:]
    assert (tmp_path / "answer").read_bytes().startswith(b"%PDF-")


def test_a_waiting_process_that_died_is_replaced():
    first = process.run("render", html_with(""), seconds=30)
    os.killpg(process._nursery._process.pid, signal.SIGKILL)
    assert process.run("render", html_with(""), seconds=30) == first


def test_nobody_waits_for_ever_behind_heavy_files(monkeypatch):
    monkeypatch.setattr(process, "LONGEST_WAIT", 0.05)
    with process._nursery._turns.turn("", longest_wait=1), pytest.raises(process.ChildFailed, match="busy"):
        process.run("render", html_with(""), seconds=30)


def test_an_asset_that_is_not_ours_fails_the_document_instead_of_being_left_out():
    for address in ("asset:missing.css", "asset:../fonts/OFL.txt"):
        with pytest.raises(process.ChildFailed, match="crash"):
            process.run("render", html_with(f'<link rel="stylesheet" href="{address}">'), seconds=30)


def test_item_28_a_fact_of_200000_characters_is_refused_before_anything_is_drawn():
    record = ORDINARY.as_dict() | {"client_name_zh": "华" * 200_000}
    with pytest.raises(RenderFailed, match="size"):
        render_certificate(record, "zh-hans")


def test_item_28_html_beyond_the_limit_is_refused_before_a_child_is_started(template_of, monkeypatch):
    monkeypatch.setattr(process, "run", lambda *_, **__: pytest.fail("a child was started"))
    with pytest.raises(RenderFailed, match="size") as refusal:
        render_pdf(template_of("{{ text }}"), {"text": "x" * 2_000_001}, language="en")
    assert "too large" in str(refusal.value.sentence)


@pytest.mark.parametrize(
    "source",
    ["<table><tr><td colspan=100000>x</table>", "{{ text }}"],
    ids=["a cell over 100000 columns", "a name of 400000 characters"],
)
def test_item_28_a_document_that_never_ends_is_killed_and_the_user_told(template_of, monkeypatch, source):
    monkeypatch.setattr(render, "SECONDS", 3)
    began = time.monotonic()
    with pytest.raises(RenderFailed, match="timeout") as refusal:
        render_pdf(template_of(source), {"text": "华丰 " * 130_000}, language="en")
    assert time.monotonic() - began < 30
    assert "took too long" in str(refusal.value.sentence)


def test_item_28_nested_tags_and_long_tables_end_in_an_answer(template_of):
    rows = render_pdf(
        template_of("<table>{{ rows|safe }}</table>"), {"rows": "<tr><td>x" * 1_000}, language="en"
    )
    assert page_count(rows) > 10
    with pytest.raises(RenderFailed, match="crash"):
        render_pdf(template_of("{{ tags|safe }}"), {"tags": "<div>" * 5_000}, language="en")


def test_item_28_a_child_that_wants_more_than_its_memory_gets_none(template_of, monkeypatch):
    monkeypatch.setattr(render, "SECONDS", 200)  # so that a busy machine does not end it by time
    flood = "<p style='width:1px;font-size:1px'>" + "<b>a</b> " * 100_000
    with pytest.raises(RenderFailed, match="memory") as refusal:
        render_pdf(template_of("{{ flood|safe }}"), {"flood": flood}, language="en")
    assert "too large" in str(refusal.value.sentence)


def test_item_58_no_folder_of_a_child_is_left_behind(monkeypatch, settings, tmp_path, template_of):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "children"
    (tmp_path / "children").mkdir()
    monkeypatch.setattr(render, "SECONDS", 2)
    with pytest.raises(RenderFailed, match="timeout"):
        render_pdf(template_of("<table><tr><td colspan=100000>x</table>"), {}, language="en")
    assert list((tmp_path / "children").iterdir()) == []


def test_a_document_shows_its_title_reference_and_pages(template_of):
    source = '{% extends "pdf/document.html" %}{% block content %}<p>第一条</p>{% endblock %}'
    context = {"body_name": "示范认证有限公司", "document_title": "认证合同", "reference": "2026-0142"}
    text = text_of(render_pdf(template_of(source), context, language="en"))
    for expected in ("示范认证有限公司", "认证合同", "2026-0142", "第一条", "Page 1 of 1"):
        assert expected in text


def test_each_page_of_a_long_document_says_how_many_there_are(template_of):
    source = (
        '{% extends "pdf/document.html" %}{% block content %}<p>one</p><p class="new-page">two</p>'
        '<p class="new-page">three</p>{% endblock %}'
    )
    facts = {"document_title": "Contract", "reference": "2026-0142", "body_name": "Body"}
    pages = pages_of(render_pdf(template_of(source), facts, language="en"))
    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of 3" in page
