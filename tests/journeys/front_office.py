"""What people do before an audit beside the plain road: several sites, many files, a transfer, an amendment."""

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from playwright.sync_api import FilePayload, Locator, Route, expect

from tests.files.making import MEGABYTE
from tests.journeys.browsing import Visitor, fill, press
from tests.journeys.people_at_work import PASSWORD, Client, Reviewer


class Applicant(Client):
    """Somebody who applies for an organisation, often by telephone."""

    email = (
        "front.office@huafeng.example"  # an address of its own: the same one is mailed once in three minutes
    )

    def sees_all_of_the_width(self) -> None:
        """Nothing of the open page lies beside the screen."""
        beside = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert beside <= 0, f"{self.page.url} is {beside} pixels wider than the screen"

    def chooses_kind(self, kind: str) -> None:
        """Say on the page of an organisation what is applied for."""
        self.goes_to("/portal/")
        self.follows("/apply/")
        self.presses(self.main.locator(f"button[name=kind][value={kind}]"))

    def adds_site(self, **values: Any) -> None:
        self.follows("/sites/new/")
        fill(self.page.locator("#section-form"), **values)
        self.presses(self.page.locator("#section-form .btn-primary"))
        expect(self.page).to_have_url(re.compile("/sites/$"))

    def changes_site(self, name: str, **values: Any) -> None:
        card = self.main.locator("section.card", has_text=name)
        self.presses(card.locator("a.btn").first)
        fill(self.page.locator("#section-form"), **values)
        self.presses(self.page.locator("#section-form .btn-primary"))
        expect(self.page).to_have_url(re.compile("/sites/$"))

    def tells_of_more_people(self, reference: str, words: str) -> None:
        """Say on the page of the accepted application that the headcount, the first of the facts, has changed."""
        self.goes_to(f"/portal/applications/{reference}/")
        self.takes("tell_change", changed=True, description=words)
        expect(self.main.locator("#reported")).to_contain_text(words)

    def takes_over_the_sums(self) -> None:
        """The figures of the organisation are the sums of its sites."""
        self.opens_section("organisation")
        self.presses(self.page.locator("#section-form button[name=take_totals]"))

    def uploads(self, kind: str, *files: FilePayload | Path, **values: Any) -> None:
        """Hand in one line of the checklist from the list of documents; the files travel in pieces."""
        self.follows(f"/documents/{kind}/")
        fill(self.main, upload=list(files), **values)
        self.sees_arrived(len(files))
        self.hands_in(kind)

    def uploads_for_site(self, kind: str, site: str, file: FilePayload) -> None:
        """The same for a line that is asked for each site."""
        self.follows(f"/documents/{kind}/")
        lines = self.main.locator("select[name=site] option", has_text=site)
        fill(self.main, upload=[file], site=lines.get_attribute("value"))
        self.sees_arrived(1)
        self.hands_in(kind)

    def sees_arrived(self, number: int) -> None:
        arrived = self.main.locator("[data-list] input[name]")
        expect(arrived).to_have_count(number)

    def hands_in(self, kind: str) -> None:
        self.presses(self.main.locator("form[enctype] .btn-primary"))
        expect(self.page).to_have_url(re.compile(f"/documents/#document-{kind}$"))

    def loses_the_connection_on(self, kind: str, file: Path) -> None:
        """The second piece of the file never arrives, and the page is opened anew."""
        self.follows(f"/documents/{kind}/")
        pieces = f"**/piece/?offset={MEGABYTE}"
        lost: list[str] = []

        def lose(route: Route) -> None:
            lost.append(route.request.url)
            route.abort("internetdisconnected")

        self.page.route(pieces, lose)
        with self.page.expect_event("requestfailed"):
            fill(self.main, upload=[file])
        assert lost
        self.page.once("dialog", lambda dialog: dialog.accept())  # the page warns of what is on its way
        self.page.unroute_all(behavior="ignoreErrors")
        self.page.reload()
        expect(self.main.locator("[data-list] > li[data-stopped]")).to_have_count(1)

    def goes_on_with(self, kind: str, file: Path) -> str:
        """Choose the same file again; says which piece is sent first."""
        with self.page.expect_request("**/piece/**") as first:
            fill(self.main, upload=[file])
        self.sees_arrived(1)
        self.hands_in(kind)
        return first.value.url

    def replaces_what_is_asked_again(self, file: FilePayload, *, remark: str) -> None:
        """From the page of the application to what is asked, and there to the upload that answers the remark."""
        self.presses(self.main.locator("a.btn-primary[href$='/questions/']"))
        expect(self.main.locator("#asked-documents")).to_contain_text(remark)
        self.sees_all_of_the_width()
        self.presses(self.main.locator("#asked-documents a[href*='replaces=']"))
        fill(self.main, upload=[file])
        self.sees_arrived(1)
        self.presses(self.main.locator("form[enctype] .btn-primary"))
        expect(self.page).to_have_url(re.compile("/questions/$"))

    def signs_after_proving_who_it_is(self, number: str) -> None:
        """The sign-in was long ago: the password is asked for before the contract can be accepted."""
        forget_when_they_signed_in(self)
        self.goes_to(f"/portal/contracts/{number}/")
        self.presses(self.main.locator("a[href*='/steps/'][href$='/accept/']").first)
        expect(self.page).to_have_url(re.compile("/reauthenticate/"))
        fill(self.main, password=PASSWORD)
        self.presses(self.main.locator("form button").first)
        form = self.main.locator("form[method=post]")
        fill(form, agreed=True)
        self.sends(form)


class ReviewingOfficer(Reviewer):
    def asks_again_for(self, file_name: str, *, reason: str, remark: str) -> None:
        """Judge a document on the screen of the review: the client has to bring it again."""
        document = self.page.locator(".cb-judge-document", has_text=file_name)
        press(document.locator("summary", has_text=file_name))
        form = document.locator("form")
        prefix = str(form.locator("input[type=radio]").first.get_attribute("name")).removesuffix("-verdict")
        values = {"verdict": "ask_again", "reason": reason, "remark": remark}
        fill(form, **{f"{prefix}-{name}": value for name, value in values.items()})
        self.presses(form.locator("button:not([type=button])").first)

    def changes(self, section: str) -> Locator:
        """What the screen shows of a section that was changed since the application was returned."""
        return self.page.locator(".cb-changes", has=self.page.locator(f"a[href$='{section}']"))


class ContractOfficer(Visitor):
    def makes_quote(self) -> None:
        self.opens_task("/desk/applications/")
        self.sends(self.main.locator("form[action$='/quote/']"))


def forget_when_they_signed_in(visitor: Visitor) -> None:
    """As if the sign-in of the open session were more than five minutes ago."""
    cookies = {cookie.get("name"): cookie.get("value") for cookie in visitor.page.context.cookies()}
    store = import_module(settings.SESSION_ENGINE).SessionStore(cookies[settings.SESSION_COOKIE_NAME])
    store.pop(AUTHENTICATION_METHODS_SESSION_KEY)
    store.save()


def of_site(name: str, name_en: str, *, place: str, **figures: int) -> Mapping[str, Any]:
    """Everything that the certificate prints of a site, and its figures."""
    return {
        "name": name,
        "name_en": name_en,
        "address": f"深圳市{place}1号",
        "address_en": "1 Fumin Road, Shenzhen",
        "activity": "安装与维修",
        "activity_en": "Installation and repair",
        **figures,
    }
