"""What every test may rely on: databases with their two roles, the append-only triggers, a browser."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import SimpleTestCase, TransactionTestCase, override_settings
from django.utils import translation
from playwright.sync_api import Browser, Page, sync_playwright

from certbody.body import preparation
from tests.emptying import empty_tables
from tests.environment import IS_NIGHTLY

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}

hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.load_profile("house")

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), "chromium")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # once, before the workers start
        preparation.compile_messages()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser tests come first, the longest before the others; on PostgreSQL only what touches the database runs again.

    One worker begins with the browser, the other with the rest, and both end together.
    """
    items.sort(key=_place)
    if connection.vendor == "postgresql":
        again = [item for item in items if _runs_on_both(item)]
        proven = [item for item in items if not _runs_on_both(item)]
        config.hook.pytest_deselected(items=proven)
        items[:] = again


def _place(item: pytest.Item) -> tuple[bool, int]:
    journey = item.get_closest_marker("journey")
    seconds = journey.kwargs.get("seconds", 0) if journey else 0
    return "browser" not in getattr(item, "fixturenames", ()), -seconds


def _runs_on_both(item: pytest.Item) -> bool:
    return _touches_database(item) and (IS_NIGHTLY or item.get_closest_marker("one_database") is None)


def _touches_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db"):
        return True
    if issubclass(getattr(item, "cls", None) or object, SimpleTestCase):
        return True
    return not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session", autouse=True)
def _settings_of_a_test_run() -> Iterator[None]:
    """Static files are served as they lie, passwords are hashed fast; the rest is the product's."""
    static_files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STORAGES=settings.STORAGES | {"staticfiles": static_files},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ExitStack]:
    """Prepare the making of the test database.

    On SQLite each worker has a file of its own: the shared in-memory database fails under threads.
    On PostgreSQL the database is made and removed by the role that owns the tables.
    """
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    with ExitStack() as role:
        role.enter_context(preparation.as_owner())
        yield role


@pytest.fixture(scope="session")
def django_db_setup(django_db_modify_db_settings: ExitStack, django_db_setup: None) -> Iterator[None]:
    """The tests themselves run as the application's role."""
    role = django_db_modify_db_settings
    role.close()
    yield
    role.enter_context(preparation.as_owner())


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_triggers() -> Iterator[None]:
    """Empty the tables after a transactional test as their owner."""

    def flush_as_owner(_case: TransactionTestCase) -> None:
        with preparation.as_owner():
            empty_tables()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush_as_owner)
        yield


@pytest.fixture(autouse=True)
def _in_the_language_of_the_source() -> None:
    """A page that an earlier test visited leaves its language behind in the thread."""
    translation.deactivate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; while it runs, the ORM has to work beside Playwright's event loop."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()
        # Django keeps a connection of its own for the time an event loop runs; later nobody would close it.
        connections.close_all()


@pytest.fixture(scope="session")
def journey_language() -> str:
    """Each journey runs once in each suite: in simplified Chinese on PostgreSQL, in English on SQLite."""
    return "zh-Hans" if connection.vendor == "postgresql" else "en"


@pytest.fixture
def page(browser: Browser, live_server: Any, journey_language: str) -> Iterator[Page]:
    """A page of a fresh visitor to the running site; an uncaught error in a script of ours fails the test."""
    context = browser.new_context(
        base_url=live_server.url, locale=journey_language, viewport={"width": 1280, "height": 800}
    )
    faults: list[str] = []
    context.on("weberror", lambda fault: faults.append(str(fault.error)))
    yield context.new_page()
    context.close()
    assert not faults, f"Uncaught errors in the browser: {faults}"
