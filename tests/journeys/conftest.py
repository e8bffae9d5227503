"""Doors into the running site: each person gets a browser context of their own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from certificates.demo.loading import confirm_tables
from certificates.demo.people import make_people

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 820, "height": 1180}
PATIENCE = 20_000  # milliseconds; the machine may be busy with the other workers

Door = Callable[..., Page]


@pytest.fixture
def open_door(browser: Browser, live_server: Any, journey_language: str, settings: Any) -> Iterator[Door]:
    """Opens a page for a new visitor; errors in scripts, breaches of the CSP and foreign hosts fail the test."""
    settings.CERTBODY_URL = live_server.url  # mails and QR codes lead to the site under test
    faults: list[str] = []
    contexts = []

    def open_page(size: ViewportSize = DESK, **options: Any) -> Page:
        # a colour on its way to another has no contrast to judge
        usual: dict[str, Any] = {"locale": journey_language, "reduced_motion": "reduce"}
        context = browser.new_context(base_url=live_server.url, viewport=size, **usual | options)
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda fault: faults.append(str(fault.error)))
        context.on("console", lambda line: _note_breach(faults, line.text))
        context.on("request", lambda request: _note_host(faults, request.url, live_server.url))
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, f"Faults seen by the browsers: {faults}"


def _note_breach(faults: list[str], text: str) -> None:
    if "Content Security Policy" in text:
        faults.append(text)


def _note_host(faults: list[str], address: str, own: str) -> None:
    if not address.startswith((own, "data:", "blob:")):
        faults.append(f"request to {address}")


@pytest.fixture
def staff(transactional_db: None) -> None:
    """The people of the body with their qualifications, and a scoring table that two of them confirmed."""
    make_people()
    confirm_tables()
