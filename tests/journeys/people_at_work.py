"""People doing their part of the road through the pages, in the words of the procedure."""

import re
from datetime import date
from typing import Any

from django.core import mail
from playwright.sync_api import expect

from applications.catalogue.review_items import Item, item_of
from applications.models import Application
from applications.queries.completeness import is_required
from certbody import clock
from certbody.scheme.dates import months_later
from certbody.scheme.load import shipped
from tests.journeys.browsing import Visitor, fill, press, tick, write
from tests.journeys.files_at_hand import SCHEME, licence, photograph, screenshot

PASSWORD = "a-long-password-27922"
LINK = re.compile(r"https?://\S+")
DOCUMENTS = [kind for kind in shipped(SCHEME).documents if is_required(kind, sites=1)]


def link_in_mail_to(address: str) -> str:
    """The first link of the newest mail to an address."""
    text = next(str(letter.body) for letter in reversed(mail.outbox) if letter.to == [address])
    found = LINK.search(text)
    assert found is not None, text
    return found.group()


def mails_to(address: str) -> int:
    return sum(letter.to == [address] for letter in mail.outbox)


class Client(Visitor):
    """The applying organisation."""

    email = "lina@huafeng.example"

    def signs_up(self) -> None:
        self.goes_to("/accounts/signup/")
        fill(self.main, email=self.email, name="李娜", password1=PASSWORD, password2=PASSWORD)
        self.presses(self.main.locator("form button").first)
        expect(self.page).to_have_url(re.compile("/accounts/confirm-email/$"))
        self.goes_to(link_in_mail_to(self.email))
        self.presses(self.main.locator("form button").first)
        expect(self.page).to_have_url(re.compile(r"/accounts/login/|/portal/"))
        self.signs_in(self.email, PASSWORD)

    def registers_organisation(self, *, credit_code: str, **values: Any) -> None:
        self.goes_to("/portal/")
        self.follows("/portal/organisations/new/")
        fill(self.main, credit_code=credit_code)
        self.sends(self.main.locator("form"))
        fill(self.main, **values)
        self.sends(self.main.locator("form"))
        expect(self.page).to_have_url(re.compile("/portal/$"))

    def begins_application(self) -> Application:
        self.presses(self.main.locator("form[action$='/apply/'] button"))
        expect(self.page).to_have_url(re.compile("/organisation/$"))
        return Application.objects.get(case__organisation__memberships__person__users__email=self.email)

    def opens_section(self, section: str) -> None:
        fold = self.page.locator(".cb-steps-fold > summary")
        if fold.is_visible():
            fold.click()
        self.presses(self.page.locator(f".cb-steps a[href$='/{section}/']"))
        expect(self.page).to_have_url(re.compile(f"/{section}/$"))

    def fills_section(self, section: str, **values: Any) -> None:
        self.opens_section(section)
        fill(self.page.locator("#section-form"), **values)
        self.presses(self.page.locator("#section-form .btn-primary"))
        expect(self.page).not_to_have_url(re.compile(f"/{section}/$"))

    def completes_head_office(self, **values: Any) -> None:
        self.opens_section("sites")
        self.presses(self.main.locator(".cb-step-page a[href*='/sites/']:not([href$='/new/'])"))
        fill(self.page.locator("#section-form"), **values)
        self.presses(self.page.locator("#section-form .btn-primary"))
        expect(self.page).to_have_url(re.compile("/sites/$"))

    def uploads_documents(self) -> None:
        """The licence as a PDF, everything else as pictures."""
        self.opens_section("documents")
        for number, kind in enumerate(DOCUMENTS):
            picture = photograph if number % 2 else screenshot
            file = licence() if kind.key == "legal_status" else picture(kind.key)
            self.follows(f"/documents/{kind.key}/")
            values: dict[str, Any] = {"upload": file}
            if kind.expires:
                values["expires_on"] = months_later(clock.today(), 24).isoformat()
            fill(self.main, **values)
            self.sends(self.main.locator("form[enctype]"))
            expect(self.page.locator(f"#document-{kind.key} .cb-checklist-file")).to_have_count(1)

    def submits(self) -> None:
        self.opens_section("check")
        self.takes("submit")

    def answers_questions(self, answer: str) -> None:
        self.opens_task("/questions/")
        self.cannot_take("resubmit")
        write(self.page.locator("#section-form textarea").first, answer)
        self.takes("resubmit")  # the button comes as soon as the answer is saved by itself

    def accepts_contract(self) -> None:
        """Sign; five minutes after the sign-in the password is asked for again."""
        self.opens_task("/portal/contracts/")
        self.presses(self.main.locator("a[href*='/steps/'][href$='/accept/']").first)
        if "/reauthenticate/" in self.page.url:
            fill(self.main, password=PASSWORD)
            self.presses(self.main.locator("form button").first)
        form = self.main.locator("form[method=post]")
        fill(form, agreed=True)
        self.sends(form)

    def confirms_plan(self) -> None:
        self.opens_task("/portal/audits/")
        self.takes("confirm")

    def answers_finding(self) -> None:
        self.opens_task("/portal/audits/")
        self.takes(
            "answer",
            cause="派单系统未对超时工单预警。",
            correction="已逐单回访客户并补偿。",
            corrective_action="上线超时预警，并纳入网点考核。",
            files=[screenshot("alarm"), photograph("training")],
        )


class Reviewer(Visitor):
    def records_every_item(self, **open_items: str) -> None:
        """Every item is fulfilled except those named with a note, which stay open."""
        self.opens_task("/desk/applications/")
        self.records_the_rest(**open_items)

    def records_the_rest(self, **open_items: str) -> None:
        """The items of the open page that nobody has recorded yet; which there are depends on what is applied for."""
        rest = self.main.locator("[data-review-item]:not([data-recorded])")
        for place in rest.evaluate_all("items => items.map(item => item.id)"):
            item = item_of(place.removeprefix("item-"))
            self.records(item, note=open_items.get(item.key, ""))

    def records(self, item: Item, *, note: str = "") -> None:
        section = self.main.locator(f"#item-{item.key}")
        if not section.locator("form").is_visible():
            press(section.locator("summary"))
        values: dict[str, Any] = {"verdict": "open" if note else "fulfilled", "note": note}
        if item.needs_day and not note:
            values["checked_on"] = clock.today().isoformat()
        if item.takes_file:
            values["file"] = screenshot("credit-platform")
        if item.asks_platforms and not note:
            values |= {"credit_china": "clean", "enterprise_credit": "clean"}
        if item.chooses_field and not note:
            values["field_code"] = "SC03"
        fill(section, **{f"{item.key}-{name}": value for name, value in values.items()})
        press(section.locator("form button").first)  # the item alone is drawn again
        expect(section.locator("form")).to_be_hidden()


class Planner(Visitor):
    def opens_audit(self) -> None:
        self.opens_task("/desk/audits/open/")
        self.sends(self.main.locator("form[method=post]"))

    def plans(self, day: date) -> None:
        days = dict.fromkeys(("stage1_on", "stage2_from", "stage2_to"), day.isoformat())
        self.takes("plan", mode="FS01", stage1_mode="desk", plan_note="上午总部，下午南山网点。", **days)

    def appoints(self, name: str, role: str) -> None:
        self.presses(self.main.locator("a[href*='/steps/'][href$='/appoint/']").first)
        person = self.main.locator("select[name=person] option", has_text=name).get_attribute("value")
        form = self.main.locator("form[method=post]")
        fill(form, role=role, person=person)
        self.sends(form)


class Auditor(Visitor):
    """The lead auditor, or an auditor of the team."""

    def opens_audit(self) -> None:
        self.goes_to("/desk/audits/")
        self.presses(self.main.locator("tbody a[href*='/desk/audits/']").first)

    def opens_tab(self, tab: str) -> None:
        self.presses(self.page.locator(f".cb-tabs a[href$='/{tab}/']"))
        expect(self.page).to_have_url(re.compile(f"/{tab}/$"))

    def judges_documents(self) -> None:
        self.opens_tab("stage1")
        rows = self.page.locator("#documents .cb-judge")
        for row in range(rows.count()):
            form = rows.nth(row).locator("form")
            has_document = rows.nth(row).locator("a[href*='/files/']").count() > 0
            fill(form, verdict="adequate", note="" if has_document else "现场查看。")
            self.sends(form)

    def settles_exclusion(self) -> None:
        form = self.page.locator("#exclusions form").first
        fill(form, verdict="accept", note="不涉及该环节，理由成立。")
        self.sends(form)

    def notes_concern(self, clause: str, text: str) -> None:
        form = self.page.locator("form[action$='/note_concern/']")
        fill(form, clause=clause, text=text)
        self.sends(form)

    def opens_clause(self, clause: str) -> None:
        self.presses(self.main.locator(f"a[href$='/sheet/{clause}/']").first)
        expect(self.page.locator("h1")).to_contain_text(clause)

    def marks(self, clause: str, following: str | None, **values: Any) -> None:
        """Mark the clause on the open page; the next one appears."""
        expect(self.page.locator("h1")).to_contain_text(clause)
        fill(self.page.locator("[data-mark-form]"), **values)
        press(self.page.locator("[data-mark-form] button[value=next]"))
        if following:
            expect(self.page.locator("h1")).to_contain_text(following)
        else:
            expect(self.page).to_have_url(re.compile(r"/sheet/$"))

    def opens_overview(self) -> None:
        self.presses(self.page.locator("[data-sheet-overview]"))
        expect(self.page).to_have_url(re.compile(r"/sheet/$"))

    def skips(self, following: str) -> None:
        self.presses(self.page.locator("[data-sheet-next]"))
        expect(self.page.locator("h1")).to_contain_text(following)

    def deducts_specially(self, ground: str, note: str) -> None:
        self._uses_form("/sheet/specials/", ground=ground, note=note)

    def gives_bonus(self, note: str) -> None:
        self._uses_form("/sheet/bonus/", note=note)

    def _uses_form(self, action: str, **values: Any) -> None:
        form = self.page.locator(f"form[action$='{action}']")
        press(form.locator("xpath=ancestor::details/summary"))
        fill(form, **values)
        self.sends(form)

    def disposes_of_concern(self, text: str) -> None:
        form = self.page.locator("#concerns form").first
        fill(form, disposition=text)
        self.sends(form)
        self.opens_tab("sheet")

    def writes_report(self, summary: str) -> None:
        form = self.main.locator("form[method=post]", has=self.page.locator("[name=summary]"))
        fill(form, summary=summary, strengths="客户信息系统完整。", improvements="加强偏远网点的备件保障。")
        self.sends(form)


class Member(Visitor):
    def votes(self, choice: str, reason: str) -> None:
        self.opens_task("/desk/panels/")
        form = self.page.locator("form[action$='/vote/']")
        fill(form, choice=choice, reason=reason)
        self.sends(form)
        expect(form).to_have_count(0)


class Secretary(Visitor):
    def opens_panel(self, motion: str, reasons: str, *names: str) -> None:
        self.goes_to("/desk/panels/")
        self.presses(self.main.locator("a[href$='/panel/']").first)
        fill(self.main, motion=motion, reasons=reasons)
        for name in names:
            tick(self.main.get_by_label(name))
        self.sends(self.main.locator("form[method=post]"))
        expect(self.page).to_have_url(re.compile(r"/desk/panels/\d+/$"))

    def closes_panel(self) -> None:
        self.opens_task("/desk/panels/")
        self.takes("close")
