"""From our Markdown to HTML that keeps the strict CSP: no raw HTML, no style, pictures with their size."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString
from markdown import Markdown
from markdown.extensions.tables import TableExtension
from markdown.extensions.toc import TocExtension, slugify_unicode
from markdown.treeprocessors import Treeprocessor
from PIL import Image

PHONE, TABLET = 400, 900  # pictures up to these widths in pixels are those of a phone or of a tablet
CHINESE = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"
LINE_WITHIN_CHINESE = re.compile(rf"(?<=[{CHINESE}*])\n *(?=\**[{CHINESE}])")


@dataclass(frozen=True)
class Heading:
    """A heading of the page with its anchor."""

    anchor: str
    text: str


class _OurAddresses(Treeprocessor):
    """Links between pages and to pictures, written for readers of the files, become addresses of the product."""

    def __init__(self, md: Markdown, pictures: Path) -> None:
        super().__init__(md)
        self._pictures = pictures

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.tag == "img":
                self._place(element)
            elif element.tag == "a":
                element.set("href", address_of(element.get("href", "")))
            elif element.tag == "table":
                element.set("class", "table")

    def _place(self, element: Element) -> None:
        name = Path(element.get("src", "")).name
        with Image.open(self._pictures / name) as picture:
            width, height = picture.size
        element.attrib |= {
            "src": static(f"guide/{self._pictures.name}/{name}"),
            "width": str(width),
            "height": str(height),
            "class": f"cb-guide-{size_of(width)}",
        }


def size_of(width: int) -> str:
    """The screen that a picture of this width shows."""
    if width <= PHONE:
        return "phone"
    return "tablet" if width <= TABLET else "desk"


def address_of(link: str) -> str:
    """`planner.md#refused` is `/guide/planner/#refused`; whatever is no page of the guide stays as it is."""
    name, hash_sign, anchor = link.partition("#")
    if not name.endswith(".md"):
        return link
    slug = name.removesuffix(".md")
    address = reverse("guide") if slug == "index" else reverse("guide_page", args=[slug])
    return f"{address}{hash_sign}{anchor}"


def title_of(text: str) -> str:
    """The first line of a page, which is its heading of the first level."""
    return text.partition("\n")[0].removeprefix("# ").strip()


def render(text: str, *, pictures: Path) -> tuple[str, SafeString, tuple[Heading, ...]]:
    """Title, HTML without the title, and the headings of the second level.

    Raises FileNotFoundError for a picture that `pictures` does not hold.
    """
    md = Markdown(
        extensions=[TocExtension(slugify=slugify_unicode, toc_depth="2-3"), TableExtension()],
        output_format="html",
    )
    md.preprocessors.deregister("html_block")
    md.inlinePatterns.deregister("html")
    md.treeprocessors.register(_OurAddresses(md, pictures), "our addresses", 0)
    # a browser shows the end of a line as a space, which Chinese does not have
    html = md.convert(LINE_WITHIN_CHINESE.sub("", text.partition("\n")[2]))
    tokens: list[dict[str, Any]] = md.toc_tokens  # type: ignore[attr-defined]  # set by the extension
    # The text is a file of this repository, and raw HTML in it has been escaped
    return title_of(text), SafeString(html), tuple(Heading(one["id"], one["name"]) for one in tokens)
