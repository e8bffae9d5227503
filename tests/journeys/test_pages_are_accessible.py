"""The main pages of every role have no fault that axe finds, on a phone and at a desk, in light and dark colours.

On paper they show no menu and no button.
"""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Page

from applications.models import Application, Contract
from audits.models import Audit
from certbody.body.queries import scheme_of
from certbody.body.settings_catalogue import setting
from certbody.pdf.read import pages_of
from certificates.demo.cast import certified, draft, first_day, in_stage1, scoring_now, submitted, voting
from certificates.demo.companies import COMPANIES
from certificates.demo.loading import tell
from certificates.models import Certificate, Decision, Panel
from tests.journeys.browsing import signed_in_already
from tests.journeys.conftest import DESK, PHONE, Door

pytestmark = [
    pytest.mark.journey(seconds=50),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql",
        reason="a page looks the same over every database; half of them are read in Chinese here",
    ),
]

STORIES = (
    (120, certified("star5")),
    (90, voting),
    (60, scoring_now),
    (40, in_stage1),
    (20, submitted),
    (5, draft),
)
Colours = tuple[Literal["light", "dark"], dict[str, list[str]]]
LIGHT: Colours = ("light", {})
DARK: Colours = ("dark", {"runOnly": ["color-contrast"]})
# what another width can change; names, roles and structure are the same markup at any width
WIDE: Colours = (
    "light",
    {
        "runOnly": [
            "aria-hidden-focus",
            "color-contrast",
            "link-in-text-block",
            "region",
            "scrollable-region-focusable",
            "skip-link",
            "target-size",
        ]
    },
)
LOOKS = ((PHONE, (LIGHT, DARK)), (DESK, (WIDE,)))
AXE = Axe().axe_script
WALKED_BY_TAB = {
    "/",
    "/accounts/login/",
    "/register/",
    "/portal/",
    "/desk/",
    "/desk/panels/",
    "/desk/certificates/",
}
# of radio buttons with one name only one is a stop
STOPS = """() => {
  const controls = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
  window.stops = controls.filter((control) => control.tabIndex >= 0 && !control.disabled && control.type !== "hidden"
    && control.checkVisibility({ visibilityProperty: true }));
  return window.stops.length;
}"""
STOP = """() => {
  const style = getComputedStyle(document.activeElement);
  const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return [window.stops.indexOf(document.activeElement), isOutlined || style.boxShadow !== "none"];
}"""
Place = tuple[str, str]
FOR_A_SCREEN_ONLY = """[...document.querySelectorAll("nav, footer.cb-footer, button, .btn, .cb-step-list")]
    .filter(one => one.checkVisibility()).map(one => one.className || one.tagName)"""


@pytest.mark.usefixtures("staff")
def test_no_main_page_has_a_fault_that_axe_finds(open_door: Door) -> None:
    for company, (days_ago, story) in zip(COMPANIES, STORIES, strict=False):
        tell(company, first_day(days_ago), story)
    faults: list[str] = []
    visitors: dict[str, Page] = {}
    for who, path in [*public_places(), *portal_places(), *desk_places()]:
        if who not in visitors:
            # every other visitor reads Chinese, which breaks its lines elsewhere
            page = open_door(locale="zh-Hans" if len(visitors) % 2 else "en")
            visitors[who] = signed_in_already(page, who) if who else page
        faults += faults_on(visitors[who], path)
        if path in WALKED_BY_TAB:
            faults += stops_missed_by(visitors[who], path)
    faults += faults_on_paper(visitors[""], f"/register/{Certificate.objects.get().number}/")
    assert not faults, "\n".join(faults)


def stops_missed_by(page: Page, path: str) -> Iterator[str]:
    """The Tab key stops at every control in the order of the page, and each shows that it has the focus."""
    wanted = page.evaluate(STOPS)
    page.evaluate("document.activeElement.blur()")
    walked: list[int] = []
    for _stop in range(wanted):
        page.keyboard.press("Tab")
        number, is_seen = page.evaluate(STOP)
        walked.append(number)
        if not is_seen:
            yield f"{path}: stop {number} does not show the focus"
    if walked != sorted(set(walked)) or len(walked) != wanted:
        yield f"{path}: the Tab key walks {walked} of {wanted} stops"


def public_places() -> Iterator[Place]:
    for path in (
        "/",
        "/accounts/login/",
        "/accounts/signup/",
        "/register/",
        "/api/v1/docs",
        "/privacy/",
        "/accounts/invitation/",
        "/guide/",
        "/guide/public/",
    ):
        yield "", path
    certificate = Certificate.objects.get()
    yield "", f"/register/?q={certificate.organisation.name[:4]}"
    yield "", f"/register/{certificate.number}/"


def portal_places() -> Iterator[Place]:
    """The holder of the certificate, the client of an audit, and somebody who begins to apply."""
    certificate = Certificate.objects.get()
    yield "client", "/portal/"
    yield "client", f"/portal/cases/{certificate.case.reference}/"
    yield "client", f"/portal/certificates/{certificate.pk}/"
    yield "client2", f"/portal/audits/{Audit.objects.get(case__organisation__name=COMPANIES[1].name).pk}/"
    application = Application.objects.get(state="draft").case.reference
    organisation = certificate.organisation_id
    yield "client", f"/portal/certificates/{certificate.pk}/letter/"
    yield "client", f"/portal/organisations/{organisation}/people/"
    yield "client", "/portal/organisations/new/"
    yield "client", "/portal/organisations/new/?registered_in=elsewhere"
    newcomer = f"owner{len(STORIES)}"
    yield newcomer, "/portal/"
    for section in ("organisation", "scope", "sites", "prerequisites", "documents", "exclusions", "check"):
        yield newcomer, f"/portal/applications/{application}/{section}/"


def desk_places() -> Iterator[Place]:
    """Everybody's home, and the page on which each role does its work."""
    case = Certificate.objects.get().case
    for who in ("reviewer", "planner", "lead", "member2", "inspector", "admin", "finance"):
        yield who, "/desk/"
    yield "reviewer", "/desk/applications/"
    yield "reviewer", f"/desk/applications/{Application.objects.get(state='submitted').case.reference}/"
    yield "contracts", f"/desk/contracts/{Contract.objects.filter(state='accepted').latest('pk').number}/"
    scored, stage1 = Audit.objects.get(state="stage2"), Audit.objects.get(state="stage1")
    open_clause = scheme_of(scored.case).clauses[-1].id
    yield "planner", f"/desk/audits/{scored.pk}/"
    yield "lead", f"/desk/audits/{stage1.pk}/stage1/"
    yield "lead", f"/desk/audits/{scored.pk}/sheet/"
    yield "lead", f"/desk/audits/{scored.pk}/sheet/{open_clause}/"
    yield "quality", f"/desk/audits/{case.audit.pk}/report/"
    yield "secretary", "/desk/panels/"
    yield "member2", f"/desk/panels/{Panel.objects.get(state='open').pk}/"
    yield "head", f"/desk/decisions/{Decision.objects.get().pk}/"
    yield "contracts", "/desk/renewals/?months=36"
    yield "contracts", f"/desk/organisations/{case.organisation_id}/owner/"
    yield "certificates", "/desk/certificates/"
    yield "certificates", f"/desk/certificates/{Certificate.objects.get().pk}/"
    yield "inspector", f"/desk/cases/{case.reference}/"


def faults_on(page: Page, path: str) -> Iterator[str]:
    """All rules on a phone in light colours; then what dark colours and what a wide page can change."""
    page.emulate_media(color_scheme="light")
    response = page.goto(path)
    assert response is not None
    assert response.ok, f"{path} answered {response.status}"
    page.evaluate(AXE)
    for size, looks in LOOKS:
        page.set_viewport_size(size)
        for scheme, rules in looks:
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **rules})
            for violation in found["violations"]:
                where = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
                yield f"{path} at {size['width']} in {scheme}: {violation['id']}: {where}"
        if (width := page.evaluate("document.documentElement.scrollWidth")) > size["width"]:
            yield f"{path} is {width} px wide at {size['width']}"
    page.emulate_media(media="print")
    if shown := page.evaluate(FOR_A_SCREEN_ONLY):
        yield f"{path} shows on paper: {', '.join(shown)}"
    page.emulate_media(media="null")


def faults_on_paper(page: Page, path: str) -> Iterator[str]:
    """A certificate's public page is one sheet that says where it can be checked."""
    page.goto(path)
    sheets = pages_of(page.pdf(prefer_css_page_size=True))
    if len(sheets) != 1:
        yield f"{path} takes {len(sheets)} sheets of paper"
    if f"/c/{path.split('/')[2]}" not in sheets[0]:
        yield f"{path} does not say on paper where it can be checked"
    if not re.search(r"Printed \d{4}-\d\d-\d\d \d\d:\d\d", sheets[0]) or "1 / 1" not in sheets[0]:
        yield f"{path} does not say on paper when it was printed and which page it is"
    if str(setting("body_name_en")) not in sheets[0]:
        yield f"{path} does not say on paper whose it is"
