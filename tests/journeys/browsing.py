"""What everybody does in a browser: open pages, fill in forms by the names of their fields, take steps.

On SQLite everybody uses the keyboard alone, on PostgreSQL the pointer, so that both walk the same road.
"""

import re
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Locator, Page, ViewportSize, expect

from certificates.demo.people import HOST, account
from tests.journeys.conftest import DESK, PHONE

Person = TypeVar("Person", bound="Visitor")
PICKED = ("date",)  # in which order a day is typed depends on the machine


class Visitor:
    """Somebody at a browser."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.main = page.locator("main")

    def goes_to(self, path: str) -> None:
        response = self.page.goto(path)
        assert response is not None
        assert response.ok, f"{path} answered {response.status}"

    def presses(self, control: Locator) -> None:
        """Press a link or a button that leads to another page, and see all of that page arrive.

        On a slow line half of a page stands there for a while, and whoever counts or looks at once sees only that
        half, or still the page before.
        """
        with self.page.expect_navigation(wait_until="load"):
            press(control)

    def follows(self, address_end: str) -> None:
        """Follow the first link of the page whose address ends like this."""
        self.presses(self.main.locator(f"a[href$='{address_end}']").first)

    def signs_in(self, email: str, password: str) -> None:
        self.goes_to("/accounts/login/")
        fill(self.main, login=email, password=password)
        self.presses(self.main.locator("form button[type=submit], form .btn-primary").first)
        expect(self.page).to_have_url(re.compile(r"/(desk|portal)/$"))

    def opens_task(self, address_part: str) -> None:
        """Open the task of the home page that leads to an address with this part."""
        self.goes_to("/home/")
        of_a_list, of_a_card = (
            f"{place}[href*='{address_part}']" for place in ("a.cb-task-link", ".cb-case-card a")
        )
        self.presses(self.main.locator(f"{of_a_list}, {of_a_card}").first)

    def takes(self, step: str, **values: Any) -> None:
        """Press the button of a step on the open page, fill in its form and send it."""
        self.presses(self.main.locator(f"a[href*='/steps/'][href$='/{step}/']").first)
        form = self.main.locator("form[method=post]")
        fill(form, **values)
        self.sends(form)

    def sends(self, form: Locator) -> None:
        """Send the form with its main button, and see that the page accepted it."""
        self.presses(form.locator("button:not([type=button])").first)
        self.accepted()

    def accepted(self) -> None:
        expect(self.page).not_to_have_url(re.compile(r"/steps/"))
        expect(self.main.locator("[role=alert]")).to_have_count(0)

    def cannot_take(self, step: str) -> None:
        expect(self.main.locator(f"a[href*='/steps/'][href$='/{step}/']")).to_have_count(0)


def uses_keyboard() -> bool:
    return connection.vendor == "sqlite"


def phone_first() -> ViewportSize:
    """The window of a client who walks one journey on a telephone over SQLite and at a desk over PostgreSQL."""
    return PHONE if connection.vendor == "sqlite" else DESK


def desk_first() -> ViewportSize:
    return DESK if connection.vendor == "sqlite" else PHONE


def reach(control: Locator) -> None:
    """Bring the focus to a control, which must be one that the Tab key stops at."""
    is_reached = control.evaluate(
        "control => { control.focus();"
        " return control === document.activeElement && control.tabIndex >= 0 && control.checkVisibility(); }"
    )
    assert is_reached, f"the keyboard does not reach {control}"


def press(control: Locator) -> None:
    """Press a link, a button or the head of a fold."""
    if uses_keyboard():
        reach(control)
        control.page.keyboard.press("Enter")
    else:
        control.click()


def tick(control: Locator) -> None:
    """Choose a radio button or tick a box."""
    if uses_keyboard() and not control.is_checked():
        reach(control)
        control.page.keyboard.press("Space")
        expect(control).to_be_checked()
    else:
        control.check()


def write(control: Locator, text: str) -> None:
    if uses_keyboard() and control.get_attribute("type") not in PICKED:
        reach(control)
        control.page.keyboard.press("ControlOrMeta+A")
        control.page.keyboard.insert_text(text)
        if not text:
            control.page.keyboard.press("Delete")
    else:
        control.fill(text)


def choose(control: Locator, value: str) -> None:
    """Choose from a list; by keyboard one line after the other."""
    if not uses_keyboard():
        control.select_option(value)
        return
    reach(control)
    lines = control.evaluate(
        "(list, value) => [...list.options].findIndex(line => line.value === value) - list.selectedIndex",
        value,
    )
    for _line in range(abs(lines)):
        control.page.keyboard.press("ArrowDown" if lines > 0 else "ArrowUp")
    expect(control).to_have_value(value)


def fill(form: Locator, **values: Any) -> None:
    """Fill in fields by name: text, choice, tick or file, whatever the field is."""
    for name, value in values.items():
        field = form.locator(f"[name='{name}']")
        kind = field.first.get_attribute("type") or field.first.evaluate("field => field.tagName")
        match kind:
            case "radio":
                tick(form.locator(f"[name='{name}'][value='{value}']"))
            case "checkbox" if value:
                tick(field.first)
            case "checkbox":
                field.first.uncheck()
            case "file":
                field.set_input_files(value)
            case "SELECT":
                choose(field, str(value))
            case _:
                write(field, str(value))


def sign_in(page: Page, local_part: str, kind: type[Person]) -> Person:
    """A member of the staff of the demo body, signed in."""
    visitor = kind(page)
    visitor.signs_in(f"{local_part}@{HOST}", settings.CERTBODY_DEMO_PASSWORD)
    return visitor


def enter(page: Page, local_part: str, kind: type[Person]) -> Person:
    """The same without the way through the sign-in page, for journeys that do not begin there."""
    return kind(signed_in_already(page, local_part))


def signed_in_already(page: Page, local_part: str) -> Page:
    """A page whose visitor need not pass the sign-in page any more."""
    session = Client()
    session.force_login(account(local_part))
    cookie = session.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": settings.CERTBODY_URL}])
    return page
