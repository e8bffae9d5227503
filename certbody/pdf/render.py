"""The one way from a template to a PDF."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certbody.pdf import process

SECONDS = 30
LARGEST_HTML = 2_000_000
LENGTH = 8  # bytes; as the child's stamping reads it
SENTENCES = {
    "timeout": _("The document took too long to draw: please shorten the longest texts."),
    "memory": _("The document is too large to draw: please shorten the longest texts."),
    "size": _("The document is too large to draw: please shorten the longest texts."),
    "glyph": _("The document contains a character that cannot be printed."),
    "crash": _("The document could not be drawn."),
}


class RenderFailed(Exception):
    """No PDF came out; `reason` is a key of SENTENCES, `detail` what it was about."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail

    @property
    def sentence(self) -> "str | Promise":
        return SENTENCES[self.reason]


def render_pdf(template_name: str, context: dict[str, Any], *, language: str) -> bytes:
    """Render a template of `templates/pdf` in `language` to PDF/A-3u; equal input gives equal bytes.

    Runs in a child process that is killed after 30 seconds and has 512 MB. Raises RenderFailed.
    """
    with translation.override(language):
        html = render_to_string(template_name, context | {"language": language})
    if len(html) > LARGEST_HTML:
        raise RenderFailed("size", f"{len(html)} characters")
    return _answer_of("render", html.encode())


def stamp_pdf(template_name: str, context: dict[str, Any], *, content: bytes) -> bytes:
    """Lay the page that a template draws over every page of a document of our own making. Raises RenderFailed."""
    mark = render_pdf(template_name, context, language="zh-hans")
    return _answer_of("stamp", len(mark).to_bytes(LENGTH, "big") + mark + content)


def _answer_of(task: str, payload: bytes) -> bytes:
    try:
        pdf = process.run(task, payload, seconds=SECONDS)
    except process.ChildFailed as failure:
        raise RenderFailed(failure.reason if failure.reason in SENTENCES else "crash") from failure
    if not pdf.startswith(b"%PDF-"):
        raise RenderFailed("crash", "no PDF")
    return pdf
