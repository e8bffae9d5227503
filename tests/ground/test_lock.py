"""The lock: every file by hash, no address, never below the floor of a security release (item 62)."""

import json
import re
import subprocess
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
    "pillow": "11.3",
    "cryptography": "44.0.1",
    "gunicorn": "23.0",
    "django-axes": "8.3",
    "redis": "8.1",
}
ENTRY = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==(?P<version>[^ ;\\]+)"
    r"(?P<rest>(?:.*\\\n)(?:    --hash=sha256:[0-9a-f]{64}.*\n?)+)?",
    re.MULTILINE,
)


def entries(lock: str) -> dict[str, re.Match[str]]:
    return {found["name"]: found for found in ENTRY.finditer(text_of(ROOT / lock))}


@pytest.mark.parametrize("lock", LOCKS)
def test_item_62_a_lock_names_no_address(lock: str) -> None:
    assert "://" not in text_of(ROOT / lock)


@pytest.mark.parametrize("lock", LOCKS)
def test_item_62_every_package_of_a_lock_is_pinned_with_its_hashes(lock: str) -> None:
    pinned = entries(lock)
    assert pinned
    assert [name for name, found in pinned.items() if not found["rest"]] == []
    lines = [line for line in text_of(ROOT / lock).splitlines() if line and line[0] not in " #"]
    assert [line for line in lines if not ENTRY.match(line)] == []


def test_item_62_the_product_runs_the_versions_that_are_tested() -> None:
    product, tested = entries("requirements.txt"), entries("requirements-dev.txt")
    assert {name: found["version"] for name, found in product.items()} == {
        name: tested[name]["version"] for name in product
    }


def test_item_62_the_lock_holds_every_declared_dependency_within_its_bounds() -> None:
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


def test_item_62_the_bill_of_materials_names_what_the_lock_installs() -> None:
    done = subprocess.run([ROOT / "script/sbom"], capture_output=True, text=True, check=True)
    bill = json.loads(done.stdout)
    listed = {part["name"]: part for part in bill["components"]}
    pinned = entries("requirements.txt")
    assert {name: part["version"] for name, part in listed.items()} == {
        name: found["version"] for name, found in pinned.items()
    }
    assert all(part["properties"] for part in listed.values()), "each file that may be installed has its hash"
    assert listed["django"]["purl"] == f"pkg:pypi/django@{pinned['django']['version']}"
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "certbody")


def test_item_62_the_checks_of_a_change_scan_for_insecure_code_and_settings() -> None:
    """Where no advisory service answers, an audit that audited nothing would look like a pass: none is run."""
    declared = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    assert "S" in declared["tool"]["ruff"]["lint"]["select"]
    checks = text_of(ROOT / ".ci/run")
    assert "ruff check" in checks
    assert "check --deploy --fail-level WARNING" in checks
    assert "pip-audit" not in checks


def test_every_dependency_has_its_line_in_the_list_of_libraries() -> None:
    page = text_of(ROOT / "docs/libraries.md")
    declared = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    names = [
        Requirement(text).name
        for text in declared["project"]["dependencies"] + declared["dependency-groups"]["dev"]
    ]
    assert [name for name in names if f"| {name} |" not in page] == []
