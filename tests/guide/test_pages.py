"""The guide as files: a page a role in three languages, whose names, pictures and links exist in the product."""

import re
import runpy
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils.translation import trans_real
from PIL import Image

from certbody.accounts.roles import Role
from certbody.guide.pages import FOLDERS, INDEX, PAGES
from certbody.guide.rendering import render, title_of

GUIDE = Path(settings.BASE_DIR, "docs", "guide")
MOST_BYTES = 120_000
# What these offices do comes with later phases; a page now could only say what is not there.
WITHOUT_WORK_YET = {Role.COMPLAINTS}
TEXTS = [
    pytest.param(folder, slug, id=f"{folder}/{slug}")
    for folder in FOLDERS.values()
    for slug in (INDEX, *PAGES)
]
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
NAME = re.compile(r"\*\*(.+?)\*\*|(?<!\*)\*(?!\*)(.+?)\*", re.DOTALL)
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)]+)\)")


def text_of(folder: str, slug: str) -> str:
    return (GUIDE / folder / f"{slug}.md").read_text(encoding="utf-8")


@cache
def shown(language: str) -> frozenset[str]:
    """Every text that the product can show in a language, as a name at the beginning of a line too."""
    entries = trans_real.translation("zh-hans" if language == "en" else language)._catalog.items()
    catalogue: dict[Any, str] = {}
    for key, text in entries:
        catalogue.setdefault(key, text)  # ours come first and hide those of the libraries
    if language == "en":
        keys = (key[0] if isinstance(key, tuple) else key for key in catalogue)
        texts = {key.rpartition("\x04")[2].strip() for key in keys}
    else:
        texts = {text.strip() for text in catalogue.values()}
    return frozenset(texts | {text[:1].upper() + text[1:] for text in texts})


def names_in(text: str, language: str) -> set[str]:
    joint = " " if language == "en" else ""
    found = NAME.findall(CODE.sub("", text))
    return {re.sub(r"\s*\n\s*", joint, bold or slanted) for bold, slanted in found}


def test_everybody_who_works_has_a_page_and_nobody_has_an_empty_one() -> None:
    assert {role for roles in PAGES.values() for role in roles} == set(Role) - WITHOUT_WORK_YET
    assert {slug for slug, roles in PAGES.items() if not roles} == {"client", "public"}


@pytest.mark.parametrize("folder", FOLDERS.values())
def test_the_pages_of_a_language_are_those_of_the_guide(folder: str) -> None:
    assert {path.stem for path in (GUIDE / folder).glob("*.md")} == {INDEX, *PAGES}
    assert set(LINK.findall(text_of(folder, INDEX))) == {f"{slug}.md" for slug in PAGES}
    assert len({title_of(text_of(folder, slug)) for slug in PAGES}) == len(PAGES)


@pytest.mark.parametrize("language", FOLDERS)
def test_every_name_in_the_guide_is_one_that_the_product_shows(language: str) -> None:
    unknown = {
        f"{slug}: {name}"
        for slug in (INDEX, *PAGES)
        for name in names_in(text_of(FOLDERS[language], slug), language)
        if name not in shown(language)
    }
    assert unknown == set()
    assert "Press the button" not in shown("en")
    assert names_in("**Send\n  it**, *then* `**not**`", "en") == {"Send it", "then"}


@pytest.mark.parametrize(("folder", "slug"), TEXTS)
def test_pictures_and_links_lead_somewhere(folder: str, slug: str) -> None:
    text = text_of(folder, slug)
    pictures, links = PICTURE.findall(text), LINK.findall(text)
    assert all(words and path.startswith(f"../pictures/{folder}/") for words, path in pictures)
    assert [path for _words, path in pictures if not (GUIDE / folder / path).is_file()] == []
    assert [link for link in links if not (GUIDE / folder / link).is_file()] == []
    assert slug == INDEX or pictures


@pytest.mark.parametrize("folder", FOLDERS.values())
def test_every_picture_is_shown_and_small(folder: str) -> None:
    used = {Path(path).name for slug in PAGES for _words, path in PICTURE.findall(text_of(folder, slug))}
    kept = {path.name: path for path in (GUIDE / "pictures" / folder).iterdir()}
    assert set(kept) == used
    for path in kept.values():
        assert path.stat().st_size <= MOST_BYTES, path.name
        with Image.open(path) as picture:
            assert picture.mode == "P", path.name


def test_the_pages_in_traditional_chinese_follow_from_the_simplified_ones() -> None:
    made = runpy.run_path(str(Path(settings.BASE_DIR, "script", "traditional")))["pages"]()
    assert {path.name: path.read_text(encoding="utf-8") for path in made} == {
        path.name: text for path, text in made.items()
    }, "run script/traditional"


def test_raw_html_in_a_page_is_shown_as_text() -> None:
    text = "# Title\n\n<b onclick='x()'>bold</b>\n\n<div>block</div>\n\n[page](planner.md#refused) [site](https://a.example/)\n"
    title, html, headings = render(text, pictures=GUIDE / "pictures" / "en")
    assert (title, headings) == ("Title", ())
    assert "<b" not in html
    assert "<div" not in html
    assert 'href="/guide/planner/#refused"' in html
    assert 'href="https://a.example/"' in html


def test_lines_of_chinese_are_joined_without_a_space() -> None:
    _title, html, _headings = render(
        "# T\n\n第一行，\n第二行\n**粗体**\n\n## 标题\n\n- 一\n- 二\n", pictures=GUIDE
    )
    assert "<p>第一行，第二行<strong>粗体</strong></p>" in html
    assert html.count("<li>") == 2


def test_the_guide_builds_as_a_site_of_its_own(tmp_path: Path) -> None:
    """`--strict` refuses a link or a picture that leads nowhere."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for folder in ("", "zh-Hans", "zh-Hant"):
        assert (tmp_path / folder / "client" / "index.html").is_file()
