"""The repository's own files, for tests that read them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("certbody", "applications", "audits", "certificates")


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file that is committed or would be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return tuple(path for name in sorted(set(names)) if name and (path := ROOT / name).is_file())


def python_files(*, product_only: bool = False) -> list[Path]:
    files = [path for path in repository_files() if path.suffix == ".py" and "migrations" not in path.parts]
    if product_only:
        files = [path for path in files if path.relative_to(ROOT).parts[0] in FLOORS]
    return files


def page_templates() -> list[Path]:
    """Templates that a browser shows; those of printed documents are styled inside the document."""
    return [
        path
        for path in repository_files()
        if path.suffix == ".html" and "pdf" not in path.relative_to(ROOT).parts
    ]


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path), str(path))


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"
