"""What the pages of this floor share: the frame of an application's pages, and taking a step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from applications import queries
from applications.catalogue.kinds import sections_of
from applications.catalogue.sections import Section, check_url, section_url
from applications.models import Application, Contract, Invoice, ReportedChange
from applications.paths import contract_page
from applications.queries.asked import Asked, asked_in
from applications.queries.changes import Comparison, comparison_of
from applications.queries.completeness import Contents, Gap, as_missing, contents_of, gaps_in
from applications.queries.earliest import Earliest, earliest_of
from applications.queries.plausibility import warnings_of
from applications.queries.reported import change_under_way, open_sections
from applications.queries.service_managers import FIGURES, Totals, TotalsOfKind, totals_by_kind, totals_of
from applications.queries.transfer import obstacles
from applications.states import ApplicationState, contract_client_label
from certbody import workflow
from certbody.accounts.models import User
from certbody.transactions import whole
from certbody.web.edits import EditedForm, FieldwiseForm, check_unchanged
from certbody.web.steps import status_of
from certbody.web.views import user_of, visible_or_404

AUTOSAVE_HEADER = "X-Autosave"
HEADINGS = {"check": _("Check and submit"), "questions": _("Our questions")}


@dataclass(frozen=True)
class Link:
    """One section in the list of an application's sections."""

    key: str
    label: str
    url: str
    gaps: int
    is_current: bool
    is_open: bool
    remarks: int = 0  # documents that we asked for again
    waits_for_goods: bool = False  # nothing can be said here before the kind of goods is chosen


class Frame:
    """What stands around every page of an application: its sections, what is missing, what looks unlikely."""

    def __init__(self, application: Application, current: str = "") -> None:
        self.application = application
        self.current = current

    @cached_property
    def contents(self) -> Contents:
        return contents_of(self.application)

    @cached_property
    def gaps(self) -> list[Gap]:
        return gaps_in(self.contents)

    @cached_property
    def asked(self) -> Asked | None:
        """What we asked the client for, while the application lies with the client for it."""
        return asked_in(self.application)

    @property
    def sections(self) -> list[Link]:
        return [
            Link(
                key=section.value,
                label=str(section.label),
                url=section_url(self.application, section),
                gaps=sum(gap.section == section for gap in self.gaps),
                is_current=section == self.current,
                is_open=section in self.open_sections,
                remarks=len(self.asked.documents) if self.asked and section == Section.DOCUMENTS else 0,
                waits_for_goods=section == Section.EXCLUSIONS and not self.application.goods,
            )
            for section in sections_of(self.application)
        ]

    @cached_property
    def change(self) -> ReportedChange | None:
        """What the client told of after the acceptance, while it writes in the application because of that."""
        return change_under_way(self.application)

    @cached_property
    def open_sections(self) -> frozenset[str]:
        return open_sections(self.application, self.change)

    @property
    def writable_sections(self) -> frozenset[str]:
        """The sections that the client may edit now."""
        return self.open_sections if self.application.is_writable else frozenset()

    @property
    def has_questions(self) -> bool:
        """Whether the ball is with the client because it was asked something, not because it told of a change."""
        return self.application.state == ApplicationState.QUESTIONS and self.change is None

    @property
    def first_open(self) -> Link | None:
        """The first section in which something is still missing."""
        return next((link for link in self.sections if link.gaps), None)

    @property
    def heading(self) -> str | Promise:
        """What the page is about: its section, or which of the pages beside them it is."""
        if self.current in Section.values:
            return Section(self.current).label
        return HEADINGS.get(self.current, _("Application"))

    @property
    def position(self) -> int | None:
        """Which section the page is, counted from one; None on the pages beside them."""
        keys: list[str] = list(sections_of(self.application))
        return keys.index(self.current) + 1 if self.current in keys else None

    @property
    def current_label(self) -> str:
        return str(Section(self.current).label) if self.current in Section.values else ""

    @property
    def missing(self) -> list[workflow.Missing]:
        return as_missing(self.application, self.gaps)

    @property
    def missing_here(self) -> list[str]:
        return [gap.sentence for gap in self.gaps if gap.section == self.current]

    @property
    def warnings(self) -> list[workflow.Missing]:
        return warnings_of(self.application, self.contents.sites)

    @property
    def warnings_here(self) -> list[workflow.Missing]:
        if not self.current:
            return []
        here = section_url(self.application, self.current)
        return [warning for warning in self.warnings if warning.link == here]

    @cached_property
    def comparison(self) -> Comparison | None:
        """Which printed facts of a certificate would change; None where the application rests on none."""
        return comparison_of(self.contents)

    @cached_property
    def earliest(self) -> Earliest:
        return earliest_of(self.contents)

    @cached_property
    def totals(self) -> Totals:
        return totals_of(self.contents.sites)

    @property
    def totals_by_kind(self) -> list[TotalsOfKind]:
        return totals_by_kind(self.contents.sites)

    @property
    def offers_totals(self) -> bool:
        """Whether the sites carry all figures and the organisation's own are others."""
        mine = {name: getattr(self.application, name) for name in FIGURES}
        return self.totals.is_whole and self.totals.as_values() != mine

    @property
    def shows_comparison(self) -> bool:
        """Beside the sections in which printed facts are changed; the page that checks all prints it itself."""
        return self.current in {Section.CHANGE, Section.SCOPE, Section.SITES} and self.comparison is not None

    @property
    def offers_initial(self) -> bool:
        """Whether the transfer is impossible as it stands, so that the initial certification is offered here."""
        is_here = self.current in {Section.TRANSFER, "check"} and self.application.is_writable
        return is_here and any(obstacles(self.contents.transferred))

    @property
    def check_url(self) -> str:
        return check_url(self.application)

    @property
    def next_url(self) -> str:
        """The section after the current one; after the last the page that checks the answers."""
        keys: list[str] = list(sections_of(self.application))
        after = keys[keys.index(self.current) + 1 :] if self.current in keys else []
        after = [key for key in after if key in self.open_sections]
        return section_url(self.application, after[0]) if after else self.check_url


def application_or_404(request: HttpRequest, reference: str) -> Application:
    return visible_or_404(queries.visible_to(user_of(request)), case__reference=reference)


def _amendments_of(contract: Contract, user: User) -> list[dict[str, Any]]:
    """The contracts that take the place of this one, as far as the reader may see them."""
    is_staff = user.is_staff_member
    return [
        {
            "number": later.number,
            "url": contract_page(later, staff=is_staff),
            "state": later.get_state_display() if is_staff else contract_client_label(later.state),
        }
        for later in queries.contracts_visible_to(user).filter(amends=contract)
    ]


def contract_context(contract: Contract, user: User) -> dict[str, Any]:
    """What the page of a contract prints, at the desk and in the portal."""
    return {
        "contract": contract,
        "case": contract.case,
        "lines": list(contract.lines.select_related("contract")),
        "amendments": _amendments_of(contract, user),
    }


def invoice_context(invoice: Invoice) -> dict[str, Any]:
    """What the pages of an invoice print of it, at the desk and in the portal."""
    return {
        "invoice": invoice,
        "case": invoice.case,
        "organisation": invoice.organisation,
        "lines": list(invoice.lines.all()),
        "open_parts": invoice.open_parts(),
        "credit_notes": list(invoice.credit_notes.prefetch_related("lines__line")),
    }


def is_autosave(request: HttpRequest) -> bool:
    return request.headers.get(AUTOSAVE_HEADER) == "1"


def take(
    step: workflow.Step, obj: Any, request: HttpRequest, *, form: EditedForm | None = None, **data: Any
) -> workflow.Refused | None:
    """Take a step and return why it was refused, if it was; with a form also when its values changed meanwhile."""

    def act() -> None:
        check_unchanged(form, obj, step=step, actor=user_of(request))
        workflow.perform(step, obj, actor=user_of(request), **data)

    return _refusal_of(act)


def save(
    step: workflow.Step, application: Application, request: HttpRequest, form: FieldwiseForm
) -> workflow.Refused | None:
    """Save what the reader changed, if anything, and return why it was refused, if it was."""

    form.is_pressed = not is_autosave(request)

    def act() -> None:
        check_unchanged(form, application, step=step, actor=user_of(request))
        for data in form.saves():
            workflow.perform(step, application, actor=user_of(request), **data)

    refusal = _refusal_of(act)
    if refusal is None:
        form.look_again()
    return refusal


def _refusal_of(act: Callable[[], None]) -> workflow.Refused | None:
    try:
        whole(act)
    except workflow.Refused as refusal:
        return refusal
    return None


def autosaved(
    request: HttpRequest, frame: Frame, form: FieldwiseForm, refusal: workflow.Refused | None, **more: Any
) -> HttpResponse:
    """The answer to a save while typing: the parts of the open page that tell of it."""
    context = {"frame": frame, "form": form, "refusal": refusal, **more}
    status = status_of(refusal) if refusal else 200
    return render(request, "applications/autosaved.html", context, status=status)
