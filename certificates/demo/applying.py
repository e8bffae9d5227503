"""The first stretch of a case: application and contract."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from applications.catalogue.kinds import asked_of, documents_asked
from applications.catalogue.review_items import Item, items_of
from applications.catalogue.sections import Section
from applications.models import (
    Application,
    Contract,
    Declination,
    PlatformResult,
    ReturnReason,
    Verdict,
)
from applications.queries.completeness import is_required
from applications.states import Agent, ApplicationKind, ContractState
from audits.models import Audit
from certbody import clock
from certbody.accounts.models import Organisation, User
from certbody.body.fields import read_fields
from certbody.body.queries import scheme_of
from certbody.body.settings_catalogue import setting
from certbody.cases.models import Case
from certbody.outbox.sweeper import sweep
from certbody.scheme.model import DocumentNeed
from certbody.workflow import perform, table
from certificates.demo.companies import Company
from certificates.demo.papers import papers
from certificates.demo.people import account

SCHEME = "gbt27922-2011"


def take(step: str, obj: Any, *, actor: User, **data: Any) -> Any:
    """Take a step named like `audit.plan`."""
    aggregate, _dot, name = step.partition(".")
    return perform(table(aggregate).step(name), obj, actor=actor, **data)


@dataclass
class ApplicationRoad:
    """A case of a company up to its contract; `day` is the present day of its story and moves on with every stage."""

    company: Company
    organisation: Organisation
    owner: User
    day: date
    application: Application | None = None
    contract: Contract | None = None
    audit: Audit | None = None

    @contextmanager
    def on(self, days_later: int = 0) -> Iterator[None]:
        """Move the story on and act on that day."""
        self.day += timedelta(days=days_later)
        with clock.at(self.day):
            yield

    @property
    def case(self) -> Case:
        return self._application.case

    @property
    def _application(self) -> Application:
        if self.application is None:
            raise LookupError("the application has not begun")
        return self.application

    @property
    def _audit(self) -> Audit:
        if self.audit is None:
            raise LookupError("the audit is not open")
        return self.audit

    def begin(self, kind: str = ApplicationKind.INITIAL) -> None:
        """The client begins an application and fills the first sections."""
        with self.on():
            wish = Application(case=Case(organisation=self.organisation, scheme=SCHEME), kind=kind)
            self.application = take("application.begin", wish, actor=self.owner)
            if asked_of(wish).rests_on_certificate:
                return
            self.save(
                Section.SCOPE,
                scope=f"{self.company.trade}的销售、配送、安装和维修服务",
                scope_en=f"Sale, delivery, installation and repair of {self.company.trade_en}",
                goods=self.company.goods,
                product_categories=1,
            )

    def save(self, section: str, **values: Any) -> None:
        take("application.save", self._application, actor=self.owner, section=section, values=values)

    def complete(self) -> None:
        """The client fills the rest and uploads the documents."""
        with self.on(2):
            site = self._application.sites.get(is_head_office=True)
            values = {
                "name_en": self.company.name_en,
                "address_en": self.organisation.registered_address_en,
                "activity": "售后服务管理与客户服务中心",
                "activity_en": "After-sales service management and customer service centre",
                "headcount": self.organisation.headcount,
                "service_management_headcount": self.organisation.service_management_headcount,
                "managers_trained": self.organisation.managers_trained,
            }
            self.save(Section.ORGANISATION, agent_kind=Agent.NONE)
            take("application.save_site", self._application, actor=self.owner, values=values, site=site.pk)
            self.save(
                Section.PREREQUISITES,
                system_running_since=self.day - timedelta(days=400),
                person_in_charge="李娜",
                funds_note="年度售后服务预算 60 万元，另设质量赔付准备金 20 万元",
                no_serious_fault=True,
                operates_lawfully=True,
                pays_fees_itself=True,
            )
            self.attach_documents()

    def attach_documents(self) -> None:
        files = papers(SCHEME)
        for kind in documents_asked(self._application, scheme_of(self.case)):
            if not is_required(kind, 1) and kind.required != DocumentNeed.BEFORE_STAGE2:
                continue
            expires_on = self.day + timedelta(days=1500) if kind.expires else None
            take(
                "application.attach",
                self._application,
                actor=self.owner,
                kind=kind.key,
                upload=files[kind.key],
                number=f"DOC-{self.company.number:02}",
                expires_on=expires_on,
            )

    def submit(self) -> None:
        with self.on(1):
            self.application = take("application.submit", self._application, actor=self.owner)

    def ask(self) -> None:
        """The reviewer asks the client."""
        questions = [
            {
                "section": Section.SCOPE,
                "reason": ReturnReason.CONTRADICTORY,
                "text": "请说明维修服务是否覆盖全部销售区域。",
            }
        ]
        with self.on(3):
            self.application = take(
                "application.ask", self._application, actor=account("reviewer"), questions=questions
            )

    def review(self) -> None:
        """The reviewer records every item as fulfilled."""
        with self.on(3):
            self.record(items_of(self._application))

    def record(self, items: Iterable[Item]) -> None:
        """The reviewer records items as fulfilled, with what was looked up for them."""
        for item in items:
            take(
                "application.review_item",
                self._application,
                actor=account("reviewer"),
                key=item.key,
                verdict=Verdict.FULFILLED,
                **self._looked_up(item),
            )

    def _looked_up(self, item: Item) -> dict[str, Any]:
        """What the reviewer found elsewhere and chose for an item."""
        found: dict[str, Any] = {"checked_on": self.day if item.needs_day else None}
        if item.asks_platforms:
            found |= {
                "credit_china": PlatformResult.CLEAN,
                "enterprise_credit": PlatformResult.CLEAN,
                "file": papers(SCHEME)["no_serious_issue"],
            }
        if item.chooses_field:
            found["field_code"] = next(iter(read_fields(setting("approved_fields"))))
        return found

    def accept(self) -> None:
        self.review()
        with self.on():
            self.application = take("application.accept", self._application, actor=account("reviewer"))

    def decline(self, reason: str) -> None:
        with self.on(3):
            take(
                "application.decline",
                self._application,
                actor=account("reviewer"),
                reason=reason,
                code=Declination.Code.SERIOUS_PROBLEM,
            )

    def withdraw_application(self) -> None:
        with self.on(2):
            take("application.withdraw", self._application, actor=self.owner, reason="业务调整")

    def quote(self) -> None:
        """The contract officer makes the quote."""
        draft = Contract(case=self.case, application=self._application)
        with self.on(1):
            self.contract = take("contract.draft", draft, actor=account("contracts"))

    def offer(self) -> None:
        with self.on(1):
            self.contract = take("contract.offer", self.contract, actor=account("contracts"))
            sweep()

    def void_contract(self) -> None:
        with self.on(10):
            take("contract.void", self.contract, actor=account("contracts"), reason="报价期限已过")

    def sign_contract(self) -> None:
        """The client accepts the offer that it has read."""
        with self.on(3):
            contract = Contract.objects.get(case=self.case, state=ContractState.OFFERED)
            self.contract = take("contract.accept", contract, actor=self.owner, sha256=contract.pdf_sha256)
