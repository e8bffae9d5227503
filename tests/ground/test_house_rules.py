"""Rules of the house that a reader of the sources can check; each pattern is proved able to fail."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.ground.sources import ROOT, page_templates, place, python_files, repository_files, text_of, tree_of

MAX_FILE, MAX_FUNCTION, MAX_TEMPLATE = 400, 60, 200

OTHER_CLOCK = re.compile(
    r"\b(?:date|datetime|timezone)\.(?:today|now|utcnow)\b|\b(?:localdate|localtime)\(|\btime\.time\("
    r"|\bauto_now(?:_add)?\b"
)
# The engine, and the sweeper's book: a promise is no aggregate with steps, it is waiting, done or dead.
MOVES_STATES = {ROOT / "certbody/workflow.py", ROOT / "certbody/outbox/sweeper.py"}
INLINE = {
    "a script without src": re.compile(
        r"<script(?![^>]*(?:\bsrc=|type=\"application/json\"))", re.IGNORECASE
    ),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
}
OTHER_HOST = re.compile(
    r"<(?:script|img|link|iframe|source|video|audio)\b[^>]*\b(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE
)
UNESCAPED = re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off")
MACHINE = re.compile("|".join((r"(?<![\w.])/wo" + r"rk/", r"/ro" + r"ot/", r"/ho" + r"me/[a-z]+/")))
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("deb", "debian", "org"),
        ("golang", "org"),
    )
]


def hits(pattern: re.Pattern[str], files: Iterable[Path]) -> list[str]:
    found = []
    for path in files:
        text = text_of(path)
        found += [place(path, text.count("\n", 0, match.start()) + 1) for match in pattern.finditer(text)]
    return found


def listed(places: Iterable[str]) -> str:
    """All of them, one a line: pytest itself would show the first few."""
    return "\n".join(places)


def calls(name: str, path: Path) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and name in {getattr(node.func, "id", None), getattr(node.func, "attr", None)}
    ]


def moved_states(tree: ast.Module) -> list[int]:
    """Lines that write an attribute `state`, or a column of that name through a queryset."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "state" and isinstance(node.ctx, ast.Store):
            lines.append(node.lineno)
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            by_keyword = name in {"update", "update_or_create"} and any(
                key.arg == "state" for key in node.keywords
            )
            by_name = (
                name == "setattr" and isinstance(node.args[1], ast.Constant) and node.args[1].value == "state"
            )
            lines += [node.lineno] if by_keyword or by_name else []
    return lines


def readable_files() -> list[Path]:
    suffixes = {".py", ".html", ".js", ".css", ".md", ".toml", ".yml", ".txt", ".po", ".json", ""}
    return [path for path in repository_files() if path.suffix in suffixes and "vendor" not in path.parts]


def test_the_product_reads_one_clock() -> None:
    files = [path for path in python_files(product_only=True) if path != ROOT / "certbody/clock.py"]
    assert listed(hits(OTHER_CLOCK, files)) == ""


def test_a_state_moves_only_inside_the_engine() -> None:
    files = [path for path in python_files(product_only=True) if path not in MOVES_STATES]
    assert listed([place(path, line) for path in files for line in moved_states(tree_of(path))]) == ""


@pytest.mark.parametrize(
    "offence",
    [
        "case.state = 'closed'",
        "case.state, x = 1, 2",
        "rows.update(state='closed')",
        "setattr(case, 'state', 'closed')",
    ],
)
def test_every_way_to_move_a_state_is_noticed(offence: str) -> None:
    assert moved_states(ast.parse(offence)) == [1]
    assert moved_states(ast.parse("if case.state == 'closed': rows.filter(state='open')")) == []


def hidden_by_a_module(package: Path) -> list[str]:
    """Names that a package's `__init__` takes from elsewhere and that importing one of its own modules replaces."""
    modules = {path.stem for path in package.parent.glob("*.py")}
    modules |= {path.parent.name for path in package.parent.glob("*/__init__.py")}
    room = ".".join(package.parent.relative_to(ROOT).parts)
    return [
        place(package, node.lineno)
        for node in ast.walk(tree_of(package))
        if isinstance(node, ast.ImportFrom) and node.module != room
        for alias in node.names
        if (alias.asname or alias.name) in modules and node.module != f"{room}.{alias.name}"
    ]


def test_no_module_replaces_a_name_that_its_package_uses() -> None:
    packages = [path for path in python_files(product_only=True) if path.name == "__init__.py"]
    assert [found for package in packages for found in hidden_by_a_module(package)] == []


def test_weasyprint_is_named_only_in_the_pdf_room() -> None:
    room = ROOT / "certbody/pdf"
    files = [path for path in python_files(product_only=True) if not path.is_relative_to(room)]
    found = hits(re.compile(r"\bweasyprint\b|\bwrite_pdf\("), files)
    found += [place(path, call.lineno) for path in files for call in calls("CSS", path)]
    assert listed(found) == ""


def test_a_layout_s_html_is_a_constant_without_template_code() -> None:
    """crispy compiles the argument of HTML() as a template, so data in it would run."""
    room = ROOT / "certbody/pdf"
    faults = []
    for path in python_files(product_only=True):
        for call in calls("HTML", path) if not path.is_relative_to(room) else []:
            constant = len(call.args) == 1 and isinstance(call.args[0], ast.Constant)
            if not constant or "{" in str(call.args[0].value):
                faults.append(place(path, call.lineno))
    assert listed(faults) == ""


@pytest.mark.parametrize("what", INLINE)
def test_no_page_carries_inline_code_or_style(what: str) -> None:
    assert listed(hits(INLINE[what], page_templates())) == ""


def test_no_page_loads_anything_from_another_host() -> None:
    assert listed(hits(OTHER_HOST, page_templates())) == ""


def test_no_page_switches_escaping_off() -> None:
    assert listed(hits(UNESCAPED, page_templates())) == ""


@pytest.mark.parametrize("floor", ["certbody/scheme", "applications", "audits", "certificates"])
def test_no_float_touches_points_money_or_days(floor: str) -> None:
    files = [path for path in python_files() if path.is_relative_to(ROOT / floor)]
    assert [
        place(path, call.lineno)
        for path in files
        for name in ("float", "round")
        for call in calls(name, path)
    ] == []


def test_files_functions_and_templates_stay_short() -> None:
    faults = [
        place(path, lines) for path in python_files() if (lines := text_of(path).count("\n")) > MAX_FILE
    ]
    faults += [
        place(path, lines) for path in page_templates() if (lines := text_of(path).count("\n")) > MAX_TEMPLATE
    ]
    faults += [
        f"{place(path, node.lineno)} {node.name}"
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > MAX_FUNCTION
    ]
    assert listed(faults) == ""


def shadowed_names(package: Path) -> list[str]:
    """Names that a package takes from elsewhere and that a module of the package replaces once it is imported."""
    modules = {path.stem for path in package.parent.glob("*.py")}
    return [
        name
        for node in tree_of(package).body
        if isinstance(node, ast.ImportFrom)
        for name in (alias.asname or alias.name for alias in node.names)
        if name in modules and not (node.module or "").endswith(package.parent.name)
    ]


def test_no_module_of_a_package_takes_the_place_of_a_name_that_the_package_imported() -> None:
    packages = [path for path in python_files(product_only=True) if path.name == "__init__.py"]
    assert listed([f"{place(path, 1)} {name}" for path in packages for name in shadowed_names(path)]) == ""


def test_a_name_that_a_module_takes_the_place_of_is_noticed(tmp_path: Path) -> None:
    package = tmp_path / "tables"
    package.mkdir()
    (package / "money.py").touch()
    (package / "__init__.py").write_text("from ui import day, money\n", encoding="utf-8")
    assert shadowed_names(package / "__init__.py") == ["money"]


def test_every_choice_says_in_words_that_nothing_is_chosen_yet() -> None:
    """Without `empty_label` Django shows a row of dashes."""
    fields = [
        (path, call) for path in python_files(product_only=True) for call in calls("ModelChoiceField", path)
    ]
    silent = [
        place(path, call.lineno)
        for path, call in fields
        if not {"empty_label", "widget"} & {keyword.arg for keyword in call.keywords}
    ]
    assert len(fields) > len(silent)
    assert listed(silent) == ""


def test_nothing_names_a_path_of_one_machine() -> None:
    assert listed(hits(MACHINE, readable_files())) == ""


def test_nothing_names_a_package_registry() -> None:
    pattern = re.compile("|".join(re.escape(host) for host in REGISTRIES))
    assert listed(hits(pattern, readable_files())) == ""


@pytest.mark.parametrize(
    ("pattern", "offence", "innocent"),
    [
        (OTHER_CLOCK, "issued_on = date.today()", "issued_on = clock.today()"),
        (OTHER_CLOCK, "made = models.DateTimeField(auto_now_add=True)", "made = models.DateTimeField()"),
        (INLINE["a script without src"], "<script>go()</script>", '<script src="/static/go.js"></script>'),
        (
            INLINE["a script without src"],
            '<script type="module">',
            '<script id="data" type="application/json">',
        ),
        (
            INLINE["an event attribute"],
            '<button class="a" onclick="go()">',
            '<button hx-on-error="go" data-onward="1">',
        ),
        (INLINE["a style attribute"], '<p class="a" style="color:red">', '<p class="style">'),
        (OTHER_HOST, '<img src="//host.example/a.png">', '<a href="https://host.example/">'),
        (UNESCAPED, "{{ name | safe }}", "{{ name|unsafe }}"),
        (MACHINE, "cd /wo" + "rk/main", "https://host.example/network/main"),
    ],
)
def test_each_pattern_finds_its_offence_and_lets_the_innocent_pass(
    pattern: re.Pattern[str], offence: str, innocent: str
) -> None:
    assert pattern.search(offence)
    assert not pattern.search(innocent)
