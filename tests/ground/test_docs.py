"""What the pages for developers name is there."""

import re
from pathlib import Path

import pytest

from tests.ground.sources import ROOT, repository_files, text_of

PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]+)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
EXAMPLES = 10
PAGES = [path for path in repository_files() if path.suffix == ".md" and "vendor" not in path.parts]


def lost(text: str) -> list[str]:
    return [name for name in PATH.findall(text) if not (ROOT / name).exists()]


def test_every_file_that_the_newcomers_page_names_exists() -> None:
    text = text_of(ROOT / "docs/where-to-change.md")
    examples = text.split("\n## ")[1:]
    assert len(examples) == EXAMPLES
    assert lost(text) == []
    assert all("Complains: " in one and PATH.findall(one) for one in examples)
    assert lost("`certbody/nowhere.py`") == ["certbody/nowhere.py"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    assert [link for link in LINK.findall(text_of(page)) if not (page.parent / link).exists()] == []
