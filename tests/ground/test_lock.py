"""The lock: every file by hash, no address, never below the floor of a security release (item 62)."""

import re
import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.ground.sources import ROOT, text_of

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt", ".ci/requirements-compose.txt")
FLOORS = {
    "django": "5.2.19",
    "weasyprint": "70.0",
    "django-allauth": "65.21",
    "celery": "5.7",
    "pikepdf": "10",
    "puremagic": "1.30",
}
ENTRY = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==(?P<version>[^ ;\\]+)"
    r"(?P<rest>(?:.*\\\n)(?:    --hash=sha256:[0-9a-f]{64}.*\n?)+)?",
    re.MULTILINE,
)


def entries(lock: str) -> dict[str, re.Match[str]]:
    return {found["name"]: found for found in ENTRY.finditer(text_of(ROOT / lock))}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    assert "://" not in text_of(ROOT / lock)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_is_pinned_with_its_hashes(lock: str) -> None:
    pinned = entries(lock)
    assert pinned
    assert [name for name, found in pinned.items() if not found["rest"]] == []
    lines = [line for line in text_of(ROOT / lock).splitlines() if line and line[0] not in " #"]
    assert [line for line in lines if not ENTRY.match(line)] == []


def test_the_product_runs_the_versions_that_are_tested() -> None:
    product, tested = entries("requirements.txt"), entries("requirements-dev.txt")
    assert {name: found["version"] for name, found in product.items()} == {
        name: tested[name]["version"] for name in product
    }


def test_the_lock_holds_every_declared_dependency_within_its_bounds() -> None:
    declared = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    for lock, requirements in (
        ("requirements.txt", declared["project"]["dependencies"]),
        ("requirements-dev.txt", declared["project"]["dependencies"] + declared["dependency-groups"]["dev"]),
    ):
        pinned = entries(lock)
        for text in requirements:
            requirement = Requirement(text)
            assert requirement.specifier.contains(pinned[requirement.name.lower()]["version"]), text


@pytest.mark.parametrize("name", FLOORS)
def test_item_62_no_library_is_below_the_floor_of_its_security_releases(name: str) -> None:
    assert Version(version(name)) >= Version(FLOORS[name])
    assert Version(entries("requirements.txt")[name]["version"]) >= Version(FLOORS[name])


def test_every_dependency_has_its_line_in_the_list_of_libraries() -> None:
    page = text_of(ROOT / "docs/libraries.md")
    declared = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    names = [
        Requirement(text).name
        for text in declared["project"]["dependencies"] + declared["dependency-groups"]["dev"]
    ]
    assert [name for name in names if f"| {name} |" not in page] == []
